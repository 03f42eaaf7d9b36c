import ControlProtocol
import Descriptors
import Policy

/// Why `wrap` started nothing.
enum WrapFailure: Error, Sendable, Hashable {
    case usage(UsageError)
    case refused(Refusal)
    /// Nothing is found under the command's name.
    case commandNotFound(String)
    case commandNotExecutable(String, error: String)
    case noWorkingDirectory
    /// It fetches what it starts, or is a prepared package that is not what it was.
    case unprepared(PreparedCommand.Problem)
    case daemon(DaemonProblem)
    /// The daemon was asked, and this came back.
    case call(ControlCallFailure)
    case unsendable(WrapRequest.Unsendable)
    /// A descriptor of this process could not be made ready.
    case streams(Errno)

    /// What `wrap` exits with.
    var status: ExitStatus {
        switch self {
        case .commandNotFound: .notFound
        case .commandNotExecutable: .notExecutable
        case .call(.answered(.launchFailed(let fault))): ExitStatus(fault.status)
        case .refused(let refusal), .call(.answered(.refused(let refusal, _))): Self.status(of: refusal)
        case .usage, .noWorkingDirectory, .unprepared, .daemon, .call, .unsendable, .streams: .notLaunched
        }
    }

    /// Why the policy is refused, whoever says so; nil where it is something else.
    var refusal: Refusal? {
        switch self {
        case .refused(let refusal), .call(.answered(.refused(let refusal, _))): refusal
        case .commandNotFound, .commandNotExecutable, .usage, .noWorkingDirectory, .unprepared, .daemon, .call, .unsendable, .streams: nil
        }
    }

    /// A command that is not there is told by the shell's statuses, whoever finds it out.
    private static func status(of refusal: Refusal) -> ExitStatus {
        let codes = refusal.reasons.all.map(\.code)
        if codes == [.commandNotFound] { return .notFound }
        return codes == [.commandNotExecutable] ? .notExecutable : .notLaunched
    }
}

extension WrapFailure {
    /// The whole text, for a person or for the client; refusals with their excerpts.
    func text(_ refusals: RefusalText) -> String {
        switch self {
        case .refused(let refusal): refusals.text(refusal.reasons.all)
        case .call(.answered(.refused(let refusal, let entry))): refusals.text(refusal.reasons.all) + refusals.recorded(as: entry)
        case .usage(let error): problem(error.message(in: .all), refusals.style)
        case .commandNotFound(let command): refusals.text(Reason(.commandNotFound, ["command": command]))
        case .commandNotExecutable(let command, let error):
            refusals.text(Reason(.commandNotExecutable, ["command": command, "error": error]))
        case .noWorkingDirectory: problem(("there is no working directory", "start sandboxctl in a directory that exists"), refusals.style)
        case .unprepared(let prepared): problem(prepared.words, refusals.style)
        case .daemon(let daemon): problem((daemon.words.message, daemon.words.help), refusals.style)
        case .call(.answered(let error)): problem(error.words, refusals.style)
        case .call(let failure):
            problem(("sandboxd did not answer: \(failure.words)", "see its log; `sandboxctl doctor` asks it again"), refusals.style)
        case .unsendable(let why): problem((why.words, nil), refusals.style)
        case .streams(let error): problem(("cannot set up the streams: \(ErrnoWords.text(error.name))", nil), refusals.style)
        }
    }

    private func problem(_ words: (message: String, help: String?), _ style: Style) -> String { ProblemText.text(words, style) }
}

/// A problem that is no refusal, in the same form.
enum ProblemText {
    static func text(_ words: (message: String, help: String?), _ style: Style) -> String {
        let help = words.help.map { "  " + style(.frame, "=") + " " + style(.help, "help:") + " \($0)\n" } ?? ""
        return style(.error, "error:") + " " + style(.strong, words.message) + "\n" + help
    }
}

extension WrapRequest.Unsendable {
    fileprivate var words: String {
        switch self {
        case .tooManyIncludes: "the policy has more includes than a request takes"
        case .tooLarge(let what): "the \(what) is larger than a request takes"
        case .systemCall(let error): "cannot prepare the request: \(ErrnoWords.text(error.name))"
        }
    }
}
