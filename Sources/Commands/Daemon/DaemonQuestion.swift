import ControlProtocol
import Descriptors
import StrictJSON

/// One question to the daemon that the command line names, or to a private one where none is there: what these keep, each of them can say.
enum DaemonQuestion {
    /// Why there is no answer.
    enum Problem: Error {
        case noDaemon(DaemonProblem)
        case failed(ControlCallFailure)
        case malformed
    }

    /// Nanoseconds for an answer.
    private static let patience: UInt64 = 15_000_000_000

    static func ask(
        _ method: ControlInterface.Method, _ message: consuming ControlMessage, _ invocation: Invocation
    ) throws(Problem) -> JSONObject {
        let environment = CallerEnvironment.current()
        var daemon: DaemonConnection
        do { daemon = try DaemonConnection(DaemonChoice(invocation, environment), environment) } catch { throw .noDaemon(error) }
        let reply: JSONObject
        do {
            reply = try daemon.client.call(method, message, deadline: Clock.monotonic + patience).parameters
        } catch {
            daemon.finish()
            throw .failed(error)
        }
        daemon.finish()
        return reply
    }

    /// Runs a command, and says why it could not be done.
    static func perform(_ console: Console, _ body: () throws(Problem) -> ExitStatus) -> ExitStatus {
        do { return try body() } catch {
            console.warn(ProblemText.text(error.words, console.errorStyle))
            return error.status
        }
    }
}

extension DaemonQuestion.Problem {
    var words: (message: String, help: String?) {
        switch self {
        case .noDaemon(let problem): problem.words
        case .failed(.answered(let error)): error.words
        case .failed(let failure): ("sandboxd did not answer: \(failure.words)", "see its log")
        case .malformed: ("sandboxd gave an answer that is none", "sandboxctl and sandboxd may be of different versions")
        }
    }

    var status: ExitStatus {
        switch self {
        case .noDaemon, .malformed, .failed(.answered(.storeUnavailable)), .failed(.answered(.logUnavailable)), .failed(.timedOut),
            .failed(.closed), .failed(.violation),
            .failed(.systemCall), .failed(.tooLarge):
            .unreachable
        case .failed(.answered): .finding
        }
    }
}
