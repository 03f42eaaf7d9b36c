import Descriptors
import Evidence
import Policy

/// Why nothing was learned.
enum LearnFailure: Error {
    case usage(String, help: String?)
    case log(String, ReceiptSourceError)
    case severalServers([String])
    case noSession(String)
    case output(String, Errno)
    case policy(CompiledPolicy.Failure)
    case wrap(WrapFailure, PolicyTexts?)
    /// The daemon is of another version: it gave no listener.
    case notObserved
    case secrets([String])

    func report(_ console: Console) -> ExitStatus {
        switch self {
        case .policy(let failure): return failure.report(console)
        case .wrap(let failure, let texts):
            let source = { (name: String) in texts?.source(name) ?? LayerChoice.told(name) }
            console.warn(failure.text(RefusalText(source: source, style: console.errorStyle)))
            return failure.status
        default:
            console.warn(ProblemText.text(words, console.errorStyle))
            return status
        }
    }

    private var words: (message: String, help: String?) {
        switch self {
        case .usage(let message, let help): (message, help)
        case .log(let path, let error): ReceiptLines.unreadable(path, error)
        case .severalServers(let names):
            (
                "the log has sessions of several servers: " + names.prefix(20).map { Escaping.quoted($0) }.joined(separator: ", "),
                "a policy is for one: name it with `--server`"
            )
        case .noSession(let path):
            ("no session was started in what is read of \(Escaping.quoted(path))", "`sandboxctl receipts show` lists what is there")
        case .output(let path, .exists):
            ("\(Escaping.quoted(path)) is there already", "`--force` replaces it, or name another file")
        case .output(let path, let error): ("cannot write \(Escaping.quoted(path)): \(ErrnoWords.text(error.name))", nil)
        case .notObserved:
            ("the server is not observed: sandboxd gave no listener", "sandboxctl and sandboxd may be of different versions")
        case .secrets(let names):
            (
                "the policy hands over secrets: \(names.map { Escaping.quoted($0) }.joined(separator: ", "))",
                "`--with-secrets` gives them to the server while it may connect anywhere"
            )
        case .policy, .wrap: ("", nil)
        }
    }

    private var status: ExitStatus {
        switch self {
        case .usage, .severalServers, .secrets: .usage
        case .log(_, let error): ReceiptLines.status(error)
        case .noSession: .finding
        case .output: .unreachable
        case .policy, .wrap, .notObserved: .notLaunched
        }
    }
}
