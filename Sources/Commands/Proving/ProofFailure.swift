import ControlProtocol
import Descriptors

/// Why nothing was proven.
enum ProofFailure: Error, Sendable, Hashable {
    case usage(UsageError)
    /// As `wrap` would have failed.
    case wrap(WrapFailure)
    /// The prober is not beside this program.
    case noProber(path: String, Errno)
    case noUser(String)
    case unknownAttempt(String)
    /// What is made ready for the attempts could not be.
    case stage(String, Errno)
    /// The session came up and did not answer as a prober does.
    case session(String)
    case interrupted(Int32)

    var status: ExitStatus {
        switch self {
        case .usage, .noUser, .unknownAttempt: .usage
        case .wrap(let failure): Self.status(of: failure)
        case .noProber, .stage, .session: .unreachable
        case .interrupted(let signal): ExitStatus(128 + signal)
        }
    }

    /// `wrap` has statuses of its own, which other commands do not share.
    private static func status(of failure: WrapFailure) -> ExitStatus {
        switch failure {
        case .usage: return .usage
        case .refused, .commandNotFound, .commandNotExecutable, .unprepared: return .refused
        case .call(.answered(let error)): if case .refused = error { return .refused } else { return .unreachable }
        case .noWorkingDirectory, .daemon, .call, .unsendable, .streams: return .unreachable
        }
    }

    /// The whole text.
    func text(_ refusals: RefusalText) -> String {
        switch self {
        case .usage(let error): ProblemText.text(error.message(in: .all), refusals.style)
        case .wrap(let failure): failure.text(refusals)
        case .noProber(let path, let error):
            ProblemText.text(
                ("cannot start \(Escaping.quoted(path)): \(ErrnoWords.text(error.name))", "install sandbox-prober beside sandboxctl"),
                refusals.style)
        case .noUser(let name):
            ProblemText.text(("there is no user \(Escaping.quoted(name)) who could try unconfined", "`--user` names one"), refusals.style)
        case .unknownAttempt(let id):
            ProblemText.text(
                ("no attempt \(Escaping.quoted(id)) applies to this policy", "`--json` without `--attempt` names those that do"),
                refusals.style)
        case .stage(let what, let error):
            ProblemText.text(("cannot make ready \(what): \(ErrnoWords.text(error.name))", nil), refusals.style)
        case .session(let what):
            ProblemText.text(
                ("the session ended before anything was proven: \(Escaping.line(what))", "see the log of sandboxd"), refusals.style)
        case .interrupted(let signal):
            ProblemText.text(("ended on \(WrapSession.Outcome.name(of: signal)); nothing is proven", nil), refusals.style)
        }
    }
}
