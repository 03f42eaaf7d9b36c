import Descriptors
import StrictJSON

/// The parameters of calls about one approval.
public struct ApprovalParameters: Sendable, Hashable {
    public let approval: String
    /// Why it is denied, for the model.
    public let reason: String?

    /// Bytes of a reason.
    public static let reasonLimit = 1_024

    public init(_ call: borrowing ControlCall, reason mayHaveReason: Bool) throws(ControlError) {
        var reader = ParameterReader(call.parameters, descriptors: DescriptorList())
        approval = try reader.string("approval")
        reason = mayHaveReason ? try reader.optionalString("reason") : nil
        guard reason?.utf8.count ?? 0 <= Self.reasonLimit else { throw .invalidParameter("reason") }
        try reader.finish()
    }

    /// For a method without parameters.
    public static func requireNone(_ call: borrowing ControlCall) throws(ControlError) {
        try ParameterReader(call.parameters, descriptors: DescriptorList()).finish()
    }
}
