import ControlProtocol
import Descriptors
import StrictJSON

/// What a session's id stands for, asked of all that may keep it.
enum SessionQuestion {
    /// Why there is no answer.
    enum Problem: Error {
        case failed(ControlCallFailure, source: String)
        /// None of those that answered; the others say why they did not.
        case unknown(String, others: [DaemonProblem])
        case malformed(source: String)
    }

    /// Asks each daemon until one knows the session. `patience`: nanoseconds for an answer.
    static func ask(
        _ method: ControlInterface.Method, _ parameters: SessionParameters, _ invocation: Invocation, patience: UInt64
    ) throws(Problem) -> (reply: JSONObject, source: ApprovalSource) {
        let environment = CallerEnvironment.current()
        let reached = ApprovalSource.Reached(keeping: DaemonChoice(invocation, environment), environment)
        for source in reached.sources {
            do throws(ControlCallFailure) {
                return (try source.client.call(method, parameters.encode(), deadline: Clock.monotonic + patience).parameters, source)
            } catch {
                if case .answered(.noSuchSession) = error { continue }
                throw .failed(error, source: source.name)
            }
        }
        throw .unknown(parameters.session, others: reached.problems)
    }

    /// Runs a command, and says why it could not be done.
    static func perform(_ console: Console, _ body: () throws(Problem) -> ExitStatus) -> ExitStatus {
        do { return try body() } catch {
            console.warn(ProblemText.text(error.words, console.errorStyle))
            return error.status
        }
    }
}

extension SessionQuestion.Problem {
    var words: (message: String, help: String?) {
        switch self {
        case .failed(.answered(let error), _): error.words
        case .failed(let failure, let source):
            ("no answer from sandboxd at \(Escaping.quoted(source)): \(failure.words)", "see its log")
        case .unknown(_, let others) where !others.isEmpty: (others[0].words.message, others[0].words.help)
        case .unknown(let id, _):
            ("no session runs under \(Escaping.quoted(id))", "it is over, or not yours to see; `sandboxctl sessions` shows what runs")
        case .malformed(let source):
            ("sandboxd at \(Escaping.quoted(source)) gave an answer that is none", "sandboxctl and sandboxd may be of different versions")
        }
    }

    var status: ExitStatus {
        switch self {
        case .failed(.answered, _): .finding
        case .unknown(_, let others): others.isEmpty ? .finding : .unreachable
        case .failed, .malformed: .unreachable
        }
    }
}
