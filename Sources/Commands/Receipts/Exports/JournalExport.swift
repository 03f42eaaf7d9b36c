import Evidence
import StrictJSON

/// Receipts as entries of a systemd journal.
struct JournalExport: ReceiptExport {
    private let origin: String
    private let isVerified: Bool

    init(of log: ExportedLog) {
        origin = log.checkpoint.origin
        isVerified = log.report.isGood
    }

    /// Members of a body that are fields of their own, so that `journalctl SANDBOXD_REASON=D102` finds them. The rest is in the receipt's line.
    private static let told = [
        ("decision", JournalFields.decision), ("event", JournalFields.event), ("layer", JournalFields.layer),
        ("method", JournalFields.method), ("outcome", JournalFields.outcome), ("reason", JournalFields.reason),
        ("rule", JournalFields.rule), ("server", JournalFields.server), ("tool", JournalFields.tool),
    ]

    private static let shared = [
        (ReceiptFields.kind, JournalFields.kind), (ReceiptFields.number, JournalFields.number),
        (ReceiptFields.custody, JournalFields.custody),
        (ReceiptFields.session, JournalFields.session), (ReceiptFields.sessionNumber, JournalFields.sessionNumber),
        (ReceiptFields.spoolNumber, JournalFields.spoolNumber), (ReceiptFields.policy, JournalFields.policy),
        (ReceiptFields.plan, JournalFields.plan), (ReceiptFields.host, JournalFields.host),
    ]

    mutating func take(_ receipt: ExportedReceipt) throws(ExportProblem) -> [UInt8] {
        guard let moment = Moment(receipt.time) else { throw .notReceipt(receipt.number) }
        var entry = JournalEntry(receipt.kind, Self.priority(receipt), message: "\(receipt.kind.rawValue): \(Self.summary(receipt))")
        entry.add(JournalFields.log, origin)
        if !isVerified { entry.add(JournalFields.isLogVerified, "no") }
        for (member, field) in Self.shared { Self.add(receipt.facts[member], field, &entry) }
        for (member, field) in Self.told { Self.add(receipt.body[member], field, &entry) }
        entry.add(JournalFields.receipt, String(decoding: receipt.line, as: UTF8.self))
        return entry.exported(at: moment)
    }

    mutating func finish() throws(ExportProblem) -> [UInt8] { [] }

    private static func add(_ value: JSON?, _ field: String, _ entry: inout JournalEntry) {
        guard let value else { return }
        entry.add(field, value.string ?? String(decoding: value.encoded(), as: UTF8.self))
    }

    private static func summary(_ receipt: ExportedReceipt) -> String {
        switch receipt.kind {
        case .decision, .hold, .grant, .kernelDenial, .refusal: ReceiptExplanation(receipt.facts).summary
        case .launch, .outcome, .drift, .exit, .connection, .preparation, .lifecycle: plain(receipt.body)
        }
    }

    /// `name=value…`, cut where it is long: the receipt's line has all of it.
    private static func plain(_ body: JSONObject) -> String {
        let words = body.members.map { member in
            "\(Escaping.line(member.name))=\(member.value.string.map { Escaping.line($0) } ?? Escaping.line(member.value.encoded()))"
        }
        return String(String.UnicodeScalarView(words.joined(separator: " ").unicodeScalars.prefix(longest)))
    }

    private static let longest = 400

    /// A denial is a warning, a refusal and what shows that evidence is missing an error; the rest is told.
    private static func priority(_ receipt: ExportedReceipt) -> JournalEntry.Priority {
        switch receipt.kind {
        case .decision: receipt.body["decision"] == "block" ? .warning : .information
        case .kernelDenial, .drift: .warning
        case .refusal: .error
        case .lifecycle: receipt.body["event"] == "violation" ? .error : .notice
        case .preparation: receipt.body["event"] == "changed" ? .warning : .notice
        case .hold, .grant, .launch, .exit: .notice
        case .connection: receipt.body["state"] == "refused" ? .warning : .information
        case .outcome: .information
        }
    }
}
