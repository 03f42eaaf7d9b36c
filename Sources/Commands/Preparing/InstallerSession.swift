import ControlProtocol
import Descriptors
import Glibc
import StrictJSON

/// A session in which an installer runs in a server's place: an ordinary one, under an ordinary policy, whose client says nothing.
struct InstallerSession {
    let policy: String
    let inputs: [String: String]
    let name: String
    let command: [String]
    let environment: CallerEnvironment
    /// Which daemon.
    let choice: DaemonChoice
    /// The directory that it writes: root hands it over to the session's user.
    let written: String

    /// Nanoseconds for a launch, for an installation, and for a short question.
    private static let launchTime: UInt64 = 120_000_000_000
    private static let patience: UInt64 = 900_000_000_000
    private static let answerTime: UInt64 = 15_000_000_000

    /// One that has ended well; the daemon that kept it still answers.
    struct Finished: ~Copyable {
        let id: String
        /// Whose the files are that it made.
        let user: UInt32
        var daemon: DaemonConnection
    }

    private struct Ends: ~Copyable {
        let input: Pipe
        let output: Pipe
        let errors: Pipe
    }

    /// What the installer says goes to standard error, as the gate passes it on.
    func run(_ console: Console) throws(PrepareFailure) -> Finished {
        var preparation = WrapPreparation(invocation, environment, installing: true)
        let found: WrapPreparation.FoundCommand
        do { found = try preparation.prepare() } catch { throw .wrap(error, preparation.texts) }
        let ends: Ends
        do throws(Errno) { ends = Ends(input: try Pipe(), output: try Pipe(), errors: try Pipe()) } catch {
            throw .system("the session's streams", error)
        }
        let streams = ClientStreams(input: ends.input.reader, output: ends.output.writer, errors: ends.errors.writer)
        var daemon: DaemonConnection
        do { daemon = try DaemonConnection(choice, environment) } catch { throw .daemon(error) }
        let message: ControlMessage
        do throws(WrapFailure) {
            let request = try preparation.request(found, streams)
            do { message = try request.encode() } catch { throw .unsendable(error) }
        } catch {
            throw .wrap(error, preparation.texts)
        }
        let reply: WrapReply
        do { reply = try WrapReply(try daemon.client.call(.wrap, message, deadline: Clock.monotonic + Self.launchTime)) } catch {
            throw .wrap(.call(error), preparation.texts)
        }
        let id = reply.session
        let lifeline = reply.lifeline
        let user = try handOver(id, &daemon)
        let ending = try follow(lifeline, ends.output.reader, ends.errors.reader, console)
        // Open until now: an end of its input would have ended the session.
        _ = ends.input.writer.number
        guard ending.server == .exited(0) else { throw .installer(WrapSession.Outcome(ending: ending).message ?? "it ended early") }
        return Finished(id: id, user: user, daemon: daemon)
    }

    private var invocation: Invocation {
        var invocation = Invocation()
        invocation.add(option: "policy", policy)
        invocation.add(option: "name", name)
        for (input, value) in inputs.sorted(by: { $0.key < $1.key }) { invocation.add(option: "set", "\(input)=\(value)") }
        invocation.trailing = command.map { Array($0.utf8) }
        return invocation
    }

    /// As root: the directory was open to everybody until it was known whose it is to be. The installer waits for it. What somebody else put
    /// there meanwhile ends it.
    private func handOver(_ id: String, _ daemon: inout DaemonConnection) throws(PrepareFailure) -> UInt32 {
        guard geteuid() == 0 else { return geteuid() }
        let user = try serverUser(of: id, &daemon)
        do throws(Errno) {
            let directory = try WorkingDirectory().open(written, [.read, .directory, .noFollow])
            try directory.setPermissions(0o700)
            guard try directory.names().isEmpty else { throw .notEmpty }
            try directory.setOwner(user, group: gid_t.max)
        } catch {
            throw .system(written, error)
        }
        return user
    }

    private func serverUser(of id: String, _ daemon: inout DaemonConnection) throws(PrepareFailure) -> UInt32 {
        let deadline = Clock.monotonic + Self.answerTime
        let reply: ControlMessage
        do {
            reply = try daemon.client.call(.showSession, SessionParameters(session: id).encode(), deadline: deadline)
        } catch {
            throw .wrap(.call(error), nil)
        }
        guard let user = reply.parameters["facts"]?["uid"]?.int64.flatMap({ UInt32(exactly: $0) }), user != 0 else {
            throw .badAnswer("sandboxd does not say which user the session has")
        }
        return user
    }

    /// Until the lifeline says how it ended.
    private func follow(
        _ lifeline: consuming OwnedDescriptor, _ output: consuming OwnedDescriptor, _ errors: consuming OwnedDescriptor, _ console: Console
    ) throws(PrepareFailure) -> SessionEnding {
        let deadline = Clock.monotonic + Self.patience
        var told: [UInt8] = []
        var (hasOutput, hasErrors, isOver) = (true, true, false)
        while !isOver || hasErrors {
            guard Clock.monotonic < deadline else { throw .installer("it took longer than a quarter of an hour") }
            var entries = [
                pollfd(fd: isOver ? -1 : lifeline.number, events: Int16(POLLIN), revents: 0),
                pollfd(fd: hasOutput ? output.number : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: hasErrors ? errors.number : -1, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&entries, 3, 1_000) > 0 else {
                // Nothing more is said, though somebody holds the pipe.
                if isOver { break }
                continue
            }
            if entries[1].revents != 0 { hasOutput = Self.pass(output) { _ in } }
            if entries[2].revents != 0 { hasErrors = Self.pass(errors) { console.warn(String(decoding: $0, as: UTF8.self)) } }
            if entries[0].revents != 0 { isOver = Self.listen(lifeline, &told) }
        }
        guard let ending = SessionEnding(bytes: told) else { throw .installer("the session was torn down before its end was reported") }
        return ending
    }

    /// False at the end.
    private static func pass(_ pipe: borrowing OwnedDescriptor, _ take: ([UInt8]) -> Void) -> Bool {
        var bytes: [UInt8] = []
        guard case .moved? = try? pipe.read(appendingTo: &bytes, atMost: 16_384) else { return false }
        take(bytes)
        return true
    }

    /// True once all is said.
    private static func listen(_ lifeline: borrowing OwnedDescriptor, _ told: inout [UInt8]) -> Bool {
        guard let message = try? lifeline.receive(atMost: SessionEnding.size + 1) else { return true }
        told += message.bytes
        return message.isEnd || told.count >= SessionEnding.size
    }
}
