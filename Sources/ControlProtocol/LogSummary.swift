public import StrictJSON

/// How the daemon's log is.
public struct LogSummary: Sendable, Hashable {
    /// Who keeps its checkpoints a second time.
    public enum SecondCustody: String, Sendable, Hashable {
        case journal, syslog, absent
    }

    public var receipts: Int64
    /// So many of them are under a checkpoint; the others are pending.
    public var signed: Int64
    /// Why it takes no receipts; `nil` where it does.
    public var fault: String?
    public var secondCustody: SecondCustody

    public init(receipts: Int64, signed: Int64, fault: String?, secondCustody: SecondCustody) {
        self.receipts = receipts
        self.signed = signed
        self.fault = fault
        self.secondCustody = secondCustody
    }

    public var json: JSON {
        [
            "receipts": .number(JSONNumber(receipts)), "signed": .number(JSONNumber(signed)), "fault": fault.map(JSON.string) ?? .null,
            "secondCustody": .string(secondCustody.rawValue),
        ]
    }

    /// `nil` for what is none.
    public init?(_ json: JSON) {
        guard let receipts = json["receipts"]?.int64, let signed = json["signed"]?.int64,
            let custody = json["secondCustody"]?.string.flatMap(SecondCustody.init(rawValue:))
        else { return nil }
        self.init(receipts: receipts, signed: signed, fault: json["fault"]?.string, secondCustody: custody)
    }
}
