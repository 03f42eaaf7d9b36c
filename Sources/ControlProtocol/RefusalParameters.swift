import Descriptors

/// The parameters of calls about one entry of the ledger of refusals.
public struct RefusalParameters: Sendable, Hashable {
    public let refusal: String
    /// What is to be remarked; nil where the call is no remark.
    public let words: String?

    public init(_ call: borrowing ControlCall, withWords: Bool) throws(ControlError) {
        var reader = ParameterReader(call.parameters, descriptors: DescriptorList())
        refusal = try reader.string("refusal")
        words = withWords ? try reader.string("words") : nil
        try reader.finish()
    }

    /// The one parameter of a listing: the entry behind which it begins.
    public static func after(_ call: borrowing ControlCall) throws(ControlError) -> String? {
        var reader = ParameterReader(call.parameters, descriptors: DescriptorList())
        let after = try reader.optionalString("after")
        try reader.finish()
        return after
    }
}
