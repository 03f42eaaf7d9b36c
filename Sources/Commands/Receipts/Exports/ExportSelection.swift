import Evidence
import StrictJSON

/// Which receipts of a log are exported.
struct ExportSelection: Sendable, Hashable {
    var session: String?
    var kind: ReceiptKind?
    /// Moments as receipts write them, or a beginning of that; both ends are taken.
    var from: String?
    var to: String?
    /// One receipt alone.
    var number: UInt64?

    init(_ invocation: Invocation) throws(ExportProblem) {
        session = invocation.value("session")
        kind = invocation.value("kind").flatMap { ReceiptKind(rawValue: $0) }
        from = try Self.moment(invocation, "from")
        to = try Self.moment(invocation, "to")
        if let text = invocation.value("receipt") {
            guard let number = UInt64(text) else { throw .number(text) }
            self.number = number
            guard session == nil, kind == nil, from == nil, to == nil else { throw .severalSelected }
        }
    }

    /// What `json` gives; nil for values that it cannot have given.
    init?(_ json: JSONObject) {
        for member in json.members {
            switch (member.name, member.value.string) {
            case ("session", let text?): session = text
            case ("kind", let text?):
                guard let kind = ReceiptKind(rawValue: text) else { return nil }
                self.kind = kind
            case ("from", let text?): from = text
            case ("to", let text?): to = text
            case ("receipt", nil):
                guard let number = member.value.int64, number >= 0 else { return nil }
                self.number = UInt64(number)
            case _: return nil
            }
        }
    }

    /// A day, or a moment in UTC.
    private static func moment(_ invocation: Invocation, _ name: String) throws(ExportProblem) -> String? {
        guard let text = invocation.value(name) else { return nil }
        guard Moment(text) != nil && text.hasSuffix("Z") || Moment(text + "T00:00:00Z") != nil else { throw .moment(name, text) }
        return text.hasSuffix("Z") ? String(text.dropLast()) : text
    }

    func takes(_ receipt: ExportedReceipt) -> Bool {
        if let number, number != receipt.number { return false }
        if let session, receipt.facts[ReceiptFields.session] != .string(session) { return false }
        if let kind, kind != receipt.kind { return false }
        if let from, receipt.time.utf8.lexicographicallyPrecedes(from.utf8) { return false }
        if let to, to.utf8.lexicographicallyPrecedes(receipt.time.utf8.prefix(to.utf8.count)) { return false }
        return true
    }

    /// What was asked for, by the names of the options; no member for what was not.
    var json: JSONObject {
        let words = [("from", from), ("kind", kind?.rawValue), ("session", session), ("to", to)]
        var json = JSONObject(words.compactMap { name, value in value.map { (name, .string($0)) } })
        if let number { json["receipt"] = JSON(Int64(clamping: number)) }
        return json
    }
}
