import Evidence
import StrictJSON

/// A receipt on one line.
enum ReceiptText {
    /// Values longer than this are cut; `--json` has all of it.
    private static let longest = 120

    /// `NUMBER TIME KIND SESSION name=value…`
    static func line(_ receipt: JSONObject) -> String {
        let number = receipt[ReceiptFields.number]?.int64.map(String.init) ?? "?"
        let head = [number.padding(to: 6), text(receipt[ReceiptFields.time]), text(receipt[ReceiptFields.kind]).padding(to: 13)]
        let session = receipt[ReceiptFields.session].map { text($0) } ?? "-"
        let body = receipt[ReceiptFields.body]?.object?.members ?? []
        return (head + [session] + body.map(pair)).joined(separator: " ")
    }

    /// `name=value`
    static func pair(_ member: (name: String, value: JSON)) -> String { "\(Escaping.line(member.name))=\(cut(text(member.value)))" }

    private static func text(_ value: JSON?) -> String {
        switch value {
        case .string(let text)?: Escaping.line(text)
        case let value?: Escaping.line(value.encoded())
        case nil: "?"
        }
    }

    private static func cut(_ text: String) -> String {
        text.unicodeScalars.count > longest ? String(String.UnicodeScalarView(text.unicodeScalars.prefix(longest))) + "…" : text
    }
}
