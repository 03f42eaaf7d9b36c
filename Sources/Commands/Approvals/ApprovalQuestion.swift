import ControlProtocol
import StrictJSON

/// What an approval id stands for, and what came of asking about it.
enum ApprovalQuestion {
    /// Why there is no answer.
    enum Problem: Error {
        case noDaemon(DaemonProblem)
        case failed(ControlCallFailure, source: String)
        case unknown(String)
        case malformed(source: String)
    }

    /// Ids are typed by people.
    static func id(_ text: String) -> String { text.lowercased() }

    /// Asks each daemon about one approval until one knows it.
    static func ask(
        _ method: ControlInterface.Method, _ id: String, _ more: JSONObject = JSONObject(), of sources: [ApprovalSource]
    ) throws(Problem) -> (reply: JSONObject, source: ApprovalSource) {
        var parameters = more
        parameters["approval"] = .string(id)
        for source in sources {
            do throws(ControlCallFailure) {
                return (try source.call(method, ControlMessage(parameters)).parameters, source)
            } catch {
                if case .answered(.noSuchApproval) = error { continue }
                throw .failed(error, source: source.name)
            }
        }
        throw .unknown(id)
    }

    static func sources(_ invocation: Invocation) throws(Problem) -> [ApprovalSource] {
        let environment = CallerEnvironment.current()
        do { return try ApprovalSource.all(DaemonChoice(invocation, environment), environment) } catch { throw .noDaemon(error) }
    }

    /// Runs a command, and says why it could not be done.
    static func perform(_ console: Console, _ body: () throws(Problem) -> ExitStatus) -> ExitStatus {
        do { return try body() } catch {
            console.warn(ProblemText.text(error.words, console.errorStyle))
            return error.status
        }
    }
}

extension ApprovalQuestion.Problem {
    var words: (message: String, help: String?) {
        switch self {
        case .noDaemon(let problem): problem.words
        case .failed(.answered(let error), _): error.words
        case .failed(let failure, let source):
            ("no answer from sandboxd at \(Escaping.quoted(source)): \(failure.words)", "restart sandboxd")
        case .unknown(let id):
            (
                "no call waits under \(Escaping.quoted(id))",
                "it is decided, expired, taken back or not yours to see; `sandboxctl approvals list` shows what waits"
            )
        case .malformed(let source):
            ("sandboxd at \(Escaping.quoted(source)) gave an answer that is none", "sandboxctl and sandboxd may be of different versions")
        }
    }

    var status: ExitStatus {
        switch self {
        case .noDaemon, .failed(.timedOut, _), .failed(.closed, _), .failed(.violation, _), .failed(.systemCall, _), .failed(.tooLarge, _),
            .malformed:
            .unreachable
        case .failed(.answered, _), .unknown: .finding
        }
    }
}
