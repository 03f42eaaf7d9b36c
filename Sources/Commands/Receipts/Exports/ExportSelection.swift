import Evidence
import StrictJSON

/// Which receipts of a log are exported.
struct ExportSelection: Sendable {
    /// One end of a period, as it was written. Both ends are taken.
    private struct End: Sendable {
        let text: String
        let bound: TimeBound

        init?(_ text: String) {
            guard let bound = TimeBound(text) else { return nil }
            self.text = text
            self.bound = bound
        }
    }

    /// The whole identifier, or its beginning.
    private var session: String?
    private var kind: ReceiptKind?
    private var from: End?
    private var to: End?
    /// One receipt alone.
    private(set) var number: UInt64?

    init(_ invocation: Invocation) throws(ExportProblem) {
        session = invocation.value("session")
        kind = invocation.value("kind").flatMap { ReceiptKind(rawValue: $0) }
        from = try Self.end(invocation, "from")
        to = try Self.end(invocation, "to")
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
            case ("from", let text?):
                guard let end = End(text) else { return nil }
                from = end
            case ("to", let text?):
                guard let end = End(text) else { return nil }
                to = end
            case ("receipt", nil):
                guard let number = member.value.int64, number >= 0 else { return nil }
                self.number = UInt64(number)
            case _: return nil
            }
        }
    }

    private static func end(_ invocation: Invocation, _ name: String) throws(ExportProblem) -> End? {
        guard let text = invocation.value(name) else { return nil }
        guard let end = End(text) else { throw .moment(name, text) }
        return end
    }

    func takes(_ receipt: ExportedReceipt) -> Bool {
        if let number, number != receipt.number { return false }
        if let session, !(receipt.session.map { $0.utf8.starts(with: session.utf8) } ?? false) { return false }
        if let kind, kind != receipt.kind { return false }
        return (from?.bound.isReached(by: receipt.time) ?? true) && (to?.bound.isNotPassed(by: receipt.time) ?? true)
    }

    /// A label for what was selected.
    var label: String { number.map { "receipts/\($0)" } ?? session.map { "sessions/\($0)" } ?? "receipts" }

    /// What was asked for, by the names of the options; no member for what was not.
    var json: JSONObject {
        let words = [("from", from?.text), ("kind", kind?.rawValue), ("session", session), ("to", to?.text)]
        var json = JSONObject(words.compactMap { name, value in value.map { (name, .string($0)) } })
        if let number { json["receipt"] = JSON(Int64(clamping: number)) }
        return json
    }
}
