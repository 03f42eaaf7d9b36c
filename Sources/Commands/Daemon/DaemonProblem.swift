import ControlProtocol
import Descriptors

/// Why there is no daemon to ask. Never a reason to go on without: a socket that exists and does not answer is an error.
enum DaemonProblem: Error, Sendable, Hashable {
    /// The socket that was named is not there, or refuses.
    case cannotConnect(path: String, Errno)
    /// Somebody listens who is neither root nor the caller.
    case foreign(path: String, user: UInt32)
    /// It accepted, and is not sandboxd or does not answer.
    case silent(path: String, ControlCallFailure)
    /// The private daemon's program is not beside this one.
    case noProgram(path: String, Errno)
    /// It, or the directory it lies in, can be changed by others than root.
    case unsafeProgram(path: String)
    case cannotStart(path: String, Errno)
    case noStateDirectory(path: String, Errno)
    case noHome
}

extension DaemonProblem {
    /// What is wrong, and what to do next.
    var words: (message: String, help: String) {
        switch self {
        case .cannotConnect(let path, let error):
            (
                "cannot connect to sandboxd at \(Escaping.quoted(path)): \(ErrnoWords.text(error.name))",
                "start sandboxd there, or choose another socket with `--socket`; `--socket none` uses a private daemon"
            )
        case .foreign(let path, let user):
            (
                "\(Escaping.quoted(path)) is served by uid \(user), which is neither root nor you",
                "ask whoever set the socket, or choose another with `--socket`"
            )
        case .silent(let path, let failure):
            (
                "no answer from sandboxd at \(Escaping.quoted(path)): \(failure.words)",
                "restart sandboxd, or choose another socket with `--socket`"
            )
        case .noProgram(let path, let error):
            (
                "cannot find \(Escaping.quoted(path)): \(ErrnoWords.text(error.name))",
                "install sandboxd beside sandboxctl, or start a daemon"
            )
        case .unsafeProgram(let path):
            ("\(Escaping.quoted(path)) can be changed by others than root", "as root, run only programs that root alone may write")
        case .cannotStart(let path, let error):
            ("cannot start \(Escaping.quoted(path)): \(ErrnoWords.text(error.name))", "check the file and its permissions")
        case .noStateDirectory(let path, let error):
            ("cannot make \(Escaping.quoted(path)): \(ErrnoWords.text(error.name))", "set XDG_STATE_HOME to a directory of your own")
        case .noHome: ("there is no home directory to keep the record in", "set HOME or XDG_STATE_HOME")
        }
    }
}

extension ControlCallFailure {
    /// Why a call brought nothing; for the part of a sentence behind a colon.
    var words: String {
        switch self {
        case .timedOut: "no answer in time"
        case .closed: "it closed the connection"
        case .violation(let violation): "it does not speak this protocol (\(violation.rawValue))"
        case .systemCall(let error): ErrnoWords.text(error.name)
        case .tooLarge: "the request is larger than a message may be"
        case .answered(let error): error.words.message
        }
    }
}
