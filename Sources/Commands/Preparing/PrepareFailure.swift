import ControlProtocol
import Descriptors
import Policy

/// Why nothing was prepared.
enum PrepareFailure: Error {
    case usage(UsageError)
    case command(PreparedCommand.Problem)
    /// A system call about something.
    case system(String, Errno)
    /// The installer's session was not started.
    case wrap(WrapFailure, PolicyTexts?)
    case daemon(DaemonProblem)
    /// It did not do its work.
    case installer(String)
    /// It, or the daemon, said what cannot be true.
    case badAnswer(String)
    case noHome
    /// Others could change what lies there.
    case unsafePlace(String)
    case badIndex(String)
    case unresolved(host: String)
    case noProgram(String, help: String)
    /// A script's first line would be too long for the kernel, or have a space in it.
    case longPath(String)
    case tree(TreeManifest.Problem)
    case notRecorded(ControlCallFailure)
    case unknown(String)
}

extension PrepareFailure {
    var status: ExitStatus {
        switch self {
        case .usage: .usage
        case .wrap(let failure, _): failure.refusal == nil ? .finding : .refused
        case .daemon, .notRecorded, .noHome: .unreachable
        case .command, .system, .installer, .badAnswer, .unsafePlace, .badIndex, .unresolved, .noProgram, .longPath, .tree, .unknown:
            .finding
        }
    }

    func text(_ style: Style) -> String {
        switch self {
        case .wrap(let failure, let texts):
            failure.text(RefusalText(source: { texts?.source($0) ?? LayerChoice.told($0) }, style: style)) + more(failure, style)
        case .usage, .command, .system, .daemon, .installer, .badAnswer, .noHome, .unsafePlace, .badIndex, .unresolved, .noProgram,
            .longPath, .tree,
            .notRecorded, .unknown:
            ProblemText.text(words, style)
        }
    }

    /// The installer's network needs what root alone can hold.
    private func more(_ failure: WrapFailure, _ style: Style) -> String {
        guard let refusal = failure.refusal, refusal.reasons.all.contains(where: { $0.facts["clause"]?.hasPrefix("egress") == true }) else {
            return ""
        }
        return ProblemText.text(
            (
                "this host cannot hold the installer to its registry so",
                "start sandboxd; or fetch the packages yourself, `pip download -d DIRECTORY PACKAGE`, and prepare them with `--from-directory DIRECTORY`"
            ), style)
    }

    private var words: (message: String, help: String?) {
        switch self {
        case .usage(let error): error.message(in: .all)
        case .command(let problem): problem.words
        case .system(let what, let error): ("\(Escaping.quoted(what)): \(ErrnoWords.text(error.name))", nil)
        case .wrap: ("", nil)
        case .daemon(let problem): problem.words
        case .installer(let what): ("the installer did not do its work: \(what)", "what it said is above; nothing is left of it")
        case .badAnswer(let what): (what, nil)
        case .noHome: ("there is no home directory to prepare packages in", "set HOME or XDG_STATE_HOME")
        case .unsafePlace(let path): ("\(Escaping.quoted(path)) is not yours alone to change", "remove it, or set XDG_STATE_HOME")
        case .badIndex(let text):
            ("\(Escaping.quoted(text)) is no address of an index", "give one as `https://HOST[:PORT]/PATH`: `--index URL`")
        case .unresolved(let host):
            ("no address is found for \(Escaping.quoted(host))", "see /etc/resolv.conf, or give another `--index URL`")
        case .noProgram(let what, let help): (what, help)
        case .longPath(let path):
            (
                "programs below \(Escaping.quoted(path)) could not be started: the path is too long, or has a space in it",
                "set XDG_STATE_HOME to a shorter one"
            )
        case .tree(let problem): ("what was installed is no plain tree of files: \(problem.words)", "nothing is left of it")
        case .notRecorded(let failure): ("sandboxd did not record it: \(failure.words)", "nothing is left of it")
        case .unknown(let name): ("nothing is prepared under \(Escaping.quoted(name))", "`sandboxctl prepare --list` shows what is")
        }
    }
}
