import Evidence
import StrictJSON

/// A receipt on its way out.
struct ExportedReceipt: Sendable {
    /// As it stands in the log, without its line feed.
    let line: [UInt8]
    /// All members.
    let facts: JSONObject
    let body: JSONObject
    let number: UInt64
    let kind: ReceiptKind
    let time: String

    /// nil for a line that is no receipt.
    init?(_ line: [UInt8]) {
        guard let facts = (try? JSON(parsing: line))?.object, let number = facts[ReceiptFields.number]?.int64, number >= 0,
            let kind = facts[ReceiptFields.kind]?.string.flatMap({ ReceiptKind(rawValue: $0) }),
            let body = facts[ReceiptFields.body]?.object,
            let time = facts[ReceiptFields.time]?.string, Moment(time) != nil
        else { return nil }
        self.line = line
        self.facts = facts
        self.body = body
        self.number = UInt64(number)
        self.kind = kind
        self.time = time
    }

    var custody: Custody? { facts[ReceiptFields.custody]?.string.flatMap { Custody(rawValue: $0) } }

    var session: String? { facts[ReceiptFields.session]?.string }
}
