import Descriptors
import StrictJSON

/// The parameters of calls about one session.
public struct SessionParameters: Sendable, Hashable {
    public let session: String
    /// Why it is ended, for whoever reads the log later.
    public let reason: String?

    /// Bytes of a reason.
    public static let reasonLimit = 1_024

    public init(session: String, reason: String? = nil) {
        self.session = session
        self.reason = reason
    }

    public init(_ call: borrowing ControlCall, reason mayHaveReason: Bool) throws(ControlError) {
        var reader = ParameterReader(call.parameters, descriptors: DescriptorList())
        session = try reader.string("session")
        reason = mayHaveReason ? try reader.optionalString("reason") : nil
        guard reason?.utf8.count ?? 0 <= Self.reasonLimit else { throw .invalidParameter("reason") }
        try reader.finish()
    }

    public func encode() -> ControlMessage {
        var parameters: JSONObject = ["session": .string(session)]
        if let reason { parameters["reason"] = .string(reason) }
        return ControlMessage(parameters)
    }
}
