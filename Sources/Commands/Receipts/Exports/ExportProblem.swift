import Descriptors
import Evidence

/// Why nothing is exported, or not all of it.
enum ExportProblem: Error, Sendable, Hashable {
    case noFormat
    case moment(String, String)
    case number(String)
    case key
    case noSigningKey(ExportFormat)
    case signingKey(String)
    /// Others may read it.
    case openSigningKey(String)
    /// The log's own, which signs checkpoints only.
    case logsKey(String)
    case severalSelected
    case unreadable(String, Errno)
    case notVerified(String, VerificationReport)
    case unsigned(String)
    /// It was changed while it was read, or is not what the checkpoint says.
    case changed(String)
    /// A bundle that leaves receipts out, where all are spoken of.
    case filtered(String)
    case noProof(String)
    case noSuchReceipt(UInt64)
    case notReceipt(UInt64)
    case unsignable(UInt64)
    case output(String, Errno)

    var words: (message: String, help: String?) {
        switch self {
        case .noFormat: ("`--format` is missing", "one of " + ExportFormat.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", "))
        case .moment(let option, let text):
            ("`--\(option)` takes a day or a moment in UTC, not \(Escaping.quoted(text))", "e.g. `2026-01-31` or `2026-01-31T08:05:00Z`")
        case .number(let text): ("`--receipt` takes a receipt's number in the log, not \(Escaping.quoted(text))", nil)
        case .key: ("`--key` is neither a public key nor a file with one", "it looks like `NAME+HASH+KEY`")
        case .noSigningKey(let format):
            (
                "`--format \(format.rawValue)` is signed by whoever exports",
                "`--signing-key FILE`; `openssl genpkey -algorithm ed25519 -out FILE` makes one"
            )
        case .signingKey(let path):
            (
                "\(Escaping.quoted(path)) is not an Ed25519 key in PEM, or cannot be read",
                "`openssl genpkey -algorithm ed25519 -out FILE` makes one"
            )
        case .openSigningKey(let path):
            ("others may read the key \(Escaping.quoted(path))", "`chmod 600` it, or make another where they have read it")
        case .logsKey(let path):
            ("\(Escaping.quoted(path)) is the log's own key", "that one signs checkpoints and nothing else; sign with a key of your own")
        case .severalSelected: ("`--receipt` names one receipt; the other filters do not go with it", nil)
        case .unreadable(let path, let error):
            ("cannot read a log in \(Escaping.quoted(path)): \(ErrnoWords.text(error.name))", LogPlace.help)
        case .notVerified(let path, let report):
            (
                "the log in \(Escaping.quoted(path)) does not verify, and nothing is exported: \(report.findings.first?.text ?? "")",
                "`sandboxctl receipts verify` says all; `--unverified` exports it all the same, and says so in what it writes"
            )
        case .unsigned(let path):
            ("nothing in \(Escaping.quoted(path)) is signed yet", "sandboxd signs every few seconds, and when a session ends")
        case .changed(let path):
            (
                "the log in \(Escaping.quoted(path)) was changed while it was read: what was written is worth nothing",
                "verify it, and export anew"
            )
        case .filtered(let path):
            (
                "the bundle \(Escaping.quoted(path)) holds some receipts of its log only, and in-toto statements are about logs",
                "export the statement from the log, with `--session`, `--from` and `--to`, or from a bundle that was made without them"
            )
        case .noProof(let path):
            ("a bundle proves its receipts together, and \(Escaping.quoted(path)) is one", "with `--receipt`, name the log itself")
        case .noSuchReceipt(let number): ("no signed receipt has the number \(number)", "`sandboxctl receipts show` lists them")
        case .notReceipt(let number): ("line \(number) of the log is no receipt", nil)
        case .unsignable(let number): ("receipt \(number) has a number in it that has no canonical form", nil)
        case .output(let path, let error): ("cannot write \(Escaping.quoted(path)): \(ErrnoWords.text(error.name))", nil)
        }
    }

    var status: ExitStatus {
        switch self {
        case .noFormat, .moment, .number, .key, .noSigningKey, .signingKey, .openSigningKey, .logsKey, .severalSelected, .filtered,
            .noProof,
            .noSuchReceipt, .output:
            .usage
        case .unreadable: .unreachable
        case .notVerified, .unsigned, .changed, .notReceipt, .unsignable: .finding
        }
    }
}
