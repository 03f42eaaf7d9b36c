import Descriptors

/// The parameters of calls about one pin.
public struct PinParameters: Sendable, Hashable {
    public let pin: String

    public init(_ call: borrowing ControlCall) throws(ControlError) {
        var reader = ParameterReader(call.parameters, descriptors: DescriptorList())
        pin = try reader.string("pin")
        try reader.finish()
    }
}
