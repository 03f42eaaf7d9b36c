import Descriptors
import StrictJSON

/// Which kept content is to be erased, and why.
public struct ErasureParameters: Sendable, Hashable {
    /// The decision's number in the log.
    public var receipt: Int64
    /// The log's name, where the peer knows it: another log has other receipts of that number.
    public var log: String?
    /// For whoever reads the log later.
    public var reason: String?

    public static let longestReason = 1_024

    public init(receipt: Int64, log: String? = nil, reason: String? = nil) {
        self.receipt = receipt
        self.log = log
        self.reason = reason
    }

    public init(_ call: borrowing ControlCall) throws(ControlError) {
        var reader = ParameterReader(call.parameters, descriptors: DescriptorList())
        let receipt: Int64? = try reader.optionalInteger("receipt")
        guard let receipt, receipt >= 0 else { throw .invalidParameter("receipt") }
        self.receipt = receipt
        log = try reader.optionalString("log")
        reason = try reader.optionalString("reason")
        guard (reason?.utf8.count ?? 0) <= Self.longestReason else { throw .invalidParameter("reason") }
        try reader.finish()
    }

    public func encode() -> ControlMessage {
        ControlMessage(
            JSONObject([
                ("receipt", JSON(receipt)), ("log", log.map(JSON.string) ?? .null), ("reason", reason.map(JSON.string) ?? .null),
            ]))
    }
}
