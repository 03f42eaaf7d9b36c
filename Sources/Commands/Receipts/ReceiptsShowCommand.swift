import Descriptors
import Evidence
import StrictJSON

/// `sandboxctl receipts show`: what a log says, one line a receipt. It does not judge; `receipts verify` does.
enum ReceiptsShowCommand {
    static let command = Command(
        "receipts show", "print a log of receipts, one line each",
        options: [
            Option("session", .value("ID"), "only receipts of this session"),
            Option("kind", .choice(ReceiptKind.allCases.map(\.rawValue)), "only receipts of this kind"),
            Option("json", .flag, "print the lines of the log as they are"),
        ],
        arguments: .one("PATH"),
        help: """
            KIND is one of \(ReceiptKind.allCases.map(\.rawValue).joined(separator: ", ")).

            \(LogPlace.paragraph)

            Nothing is verified: see `receipts verify`.

            The exit status is 0, 1 when a line is no receipt, 5 when there is no log.
            """,
        run: run)

    private static func run(_ invocation: Invocation, _ console: Console) -> ExitStatus {
        let path = invocation.arguments.first ?? "."
        let filter = ReceiptFilter(session: invocation.value("session"), kind: invocation.value("kind"))
        let isJSON = invocation.has("json")
        var areReceipts = true
        do {
            try LogLines.read(directory: path) { line in
                guard let receipt = (try? JSON(parsing: line))?.object else {
                    console.say("not a receipt: \(Escaping.quoted(String(decoding: line, as: UTF8.self), limit: 80))")
                    areReceipts = false
                    return true
                }
                guard filter.takes(receipt) else { return true }
                return isJSON ? console.write(line + [UInt8(ascii: "\n")]) : console.write(ReceiptText.line(receipt) + "\n")
            }
        } catch {
            console.warn(
                ProblemText.text(
                    ("cannot read a log in \(Escaping.quoted(path)): \(ErrnoWords.text(error.name))", LogPlace.help), console.errorStyle))
            return .unreachable
        }
        return areReceipts ? .success : .finding
    }
}

/// Which receipts are of interest.
struct ReceiptFilter: Sendable, Hashable {
    let session: String?
    let kind: String?

    func takes(_ receipt: JSONObject) -> Bool {
        isSame(session, receipt[ReceiptFields.session]) && isSame(kind, receipt[ReceiptFields.kind])
    }

    private func isSame(_ wanted: String?, _ found: JSON?) -> Bool { wanted.map { found == .string($0) } ?? true }
}

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
        return (head + [session] + body.map { "\(Escaping.line($0.name))=\(cut(text($0.value)))" }).joined(separator: " ")
    }

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
