import ControlProtocol
import Descriptors

/// A connection to the daemon that the command line names, made when it is first needed and kept for more than one question.
final class DaemonLine {
    let choice: DaemonChoice
    private let environment: CallerEnvironment
    private var connection: DaemonConnection?
    /// How the daemon is called in messages.
    private(set) var name = ""
    private(set) var isFallback = false

    init(_ choice: DaemonChoice, _ environment: CallerEnvironment) {
        self.choice = choice
        self.environment = environment
    }

    func open() throws(DaemonProblem) {
        guard connection == nil else { return }
        let opened = try DaemonConnection(choice, environment)
        name = opened.name
        isFallback = opened.isFallback
        connection = consume opened
    }

    /// Of a daemon that was opened.
    func call(
        _ method: ControlInterface.Method, _ message: consuming ControlMessage = ControlMessage(), deadline: UInt64
    ) throws(ControlCallFailure) -> ControlMessage {
        guard connection != nil else { throw .closed }
        return try connection!.client.call(method, message, deadline: deadline)
    }

    func finish() {
        guard let opened = connection.take() else { return }
        opened.finish()
    }
}
