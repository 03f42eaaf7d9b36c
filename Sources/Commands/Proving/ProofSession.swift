import ControlProtocol
import Descriptors
import Glibc
import KernelPlan

/// A session in which the prober runs in the server's place, seen from `prove`.
struct ProofSession: ~Copyable {
    var talk: ProberTalk
    let id: String
    let custody: Custody
    /// Where sandboxd found the prober.
    let prober: String
    private let lifeline: OwnedDescriptor
    private let errors: OwnedDescriptor
    private var daemon: DaemonConnection?

    /// Nanoseconds for a launch and for an end.
    private static let launchTime: UInt64 = 120_000_000_000
    private static let endTime: UInt64 = 15_000_000_000

    /// Asks for it over a connection of its own, and waits until the prober answers.
    static func start(
        _ preparation: WrapPreparation, _ command: WrapPreparation.FoundCommand, _ daemon: consuming DaemonConnection,
        _ interruption: borrowing Interruption
    ) throws(ProofFailure) -> ProofSession {
        var daemon = daemon
        let ends = try makeEnds()
        let streams = ClientStreams(input: ends.input.reader, output: ends.output.writer, errors: ends.errors.writer)
        let message: ControlMessage
        do { message = try preparation.request(command, streams).encode() } catch let error as WrapRequest.Unsendable {
            throw .wrap(.unsendable(error))
        } catch let error as WrapFailure { throw .wrap(error) } catch { throw .session("the request cannot be made") }
        let reply: WrapReply
        do { reply = try WrapReply(try daemon.client.call(.wrap, message, deadline: Clock.monotonic + launchTime)) } catch {
            throw .wrap(.call(error))
        }
        guard let prober = reply.prober else { throw .session("this sandboxd knows no proofs") }
        let id = reply.session
        let custody = reply.custody
        var session = ProofSession(
            talk: ProberTalk(input: ends.input.writer, output: ends.output.reader), id: id, custody: custody, prober: prober,
            lifeline: reply.lifeline, errors: ends.errors.reader, daemon: daemon)
        guard try session.talk.begin(interruption, until: Clock.monotonic + endTime) else {
            throw .session("the prober did not answer")
        }
        return session
    }

    private struct Ends: ~Copyable {
        let input: Pipe
        let output: Pipe
        let errors: Pipe
    }

    private static func makeEnds() throws(ProofFailure) -> Ends {
        do {
            let errors = try Pipe()
            try errors.reader.setNonBlocking()
            return Ends(input: try Pipe(), output: try Pipe(), errors: errors)
        } catch {
            throw .stage("the session's streams", error)
        }
    }

    private init(
        talk: consuming ProberTalk, id: String, custody: Custody, prober: String, lifeline: consuming OwnedDescriptor,
        errors: consuming OwnedDescriptor, daemon: consuming DaemonConnection
    ) {
        self.talk = talk
        self.id = id
        self.custody = custody
        self.prober = prober
        self.lifeline = lifeline
        self.errors = errors
        self.daemon = consume daemon
    }

    /// One act; what gate and server say to people is read, so that it stops nobody.
    mutating func act(_ words: String, _ interruption: borrowing Interruption, until deadline: UInt64) throws(ProofFailure)
        -> ProberTalk.Answer
    {
        var said: [UInt8] = []
        while case .moved? = try? errors.read(appendingTo: &said, atMost: 4_096) { said = [] }
        return try talk.act(words, interruption, until: deadline)
    }

    /// Ends it, and says how; nil where nobody told.
    consuming func finish() -> SessionEnding? {
        talk.finish()
        let deadline = Clock.monotonic + Self.endTime
        var told: [UInt8] = []
        while told.count < SessionEnding.size, Clock.monotonic < deadline {
            var entry = pollfd(fd: lifeline.number, events: Int16(POLLIN), revents: 0)
            guard poll(&entry, 1, 1_000) > 0 else { continue }
            guard let message = try? lifeline.receive(atMost: SessionEnding.size + 1) else { continue }
            told += message.bytes
            if message.isEnd { break }
        }
        if let daemon = daemon.take() { daemon.finish() }
        return SessionEnding(bytes: told)
    }
}
