import Evidence
import StrictJSON

/// A receipt of a log, as it is read for people. Nothing is judged: what a receipt lacks is nil here.
struct ReceiptRecord: Sendable, Hashable {
    /// As it stands in the log, without its line feed.
    let line: [UInt8]
    let number: UInt64
    let kind: ReceiptKind
    /// RFC 3339, UTC, microseconds: such texts are in the order of their moments.
    let time: String
    let custody: Custody
    let session: String?
    let sessionNumber: UInt64?
    let spoolNumber: UInt64?
    let policy: String?
    let plan: String?
    let host: String?
    let body: JSONObject

    /// nil for a line that is no receipt.
    init?(_ stored: StoredReceipt) {
        guard let object = stored.parsed(), let number = Self.count(object[ReceiptFields.number]),
            let kind = object[ReceiptFields.kind]?.string.flatMap(ReceiptKind.init(rawValue:)),
            let time = object[ReceiptFields.time]?.string, TimeBound.isWhole(time),
            let custody = object[ReceiptFields.custody]?.string.flatMap(Custody.init(rawValue:)),
            let body = object[ReceiptFields.body]?.object
        else { return nil }
        line = stored.line
        self.number = number
        self.kind = kind
        self.time = time
        self.custody = custody
        self.body = body
        session = object[ReceiptFields.session]?.string
        sessionNumber = Self.count(object[ReceiptFields.sessionNumber])
        spoolNumber = Self.count(object[ReceiptFields.spoolNumber])
        policy = object[ReceiptFields.policy]?.string
        plan = object[ReceiptFields.plan]?.string
        host = object[ReceiptFields.host]?.string
    }

    static func count(_ json: JSON?) -> UInt64? { json?.int64.flatMap { UInt64(exactly: $0) } }

    func text(_ name: String) -> String? { body[name]?.string }
    func count(_ name: String) -> UInt64? { Self.count(body[name]) }

    /// Whether a member of the body is this text.
    func says(_ name: String, _ text: String) -> Bool { body[name] == .string(text) }
}

extension ReceiptRecord {
    /// Where a statement of a gate stands: what later statements of the same gate name it by.
    struct Place: Sendable, Hashable {
        let session: String
        let spoolNumber: UInt64
    }

    var place: Place? {
        guard let session, let spoolNumber else { return nil }
        return Place(session: session, spoolNumber: spoolNumber)
    }

    /// The decision that an outcome is of, the hold that is over, or the calls that a denial may belong to.
    var earlier: [Place] {
        guard let session else { return [] }
        let numbers: [UInt64] =
            switch kind {
            case .outcome: [count("decision")].compactMap(\.self)
            case .hold, .grant: [count("hold")].compactMap(\.self)
            case .kernelDenial: (body["calls"]?.array ?? []).compactMap { Self.count($0) }
            case .launch, .refusal, .decision, .drift, .exit, .connection, .preparation, .lifecycle: []
            }
        return numbers.map { Place(session: session, spoolNumber: $0) }
    }
}
