import ControlProtocol
import Descriptors
import EventLoop
import Glibc
import StrictJSON

/// One connection of a service, from its acceptance to the end of its session. A session that is refused answers the client's first request.
///
/// INVARIANT: whatever happens, `onEnd` is called once, and nothing of the connection is left then.
final class ServedConnection {
    private let service: Service
    /// Counts the connections of the service, so that lines of the journal say which they are about.
    let number: Int
    /// Ours until the session has it.
    private var client: OwnedDescriptor?
    private var exchange: ControlExchange?
    /// Tells how the session ended; closing it ends the session.
    private var lifeline: OwnedDescriptor?
    /// To `connect`, where that is who connected; and what it is told at the end.
    private var endingLine: OwnedDescriptor?
    private var ending: ServedEnding?
    private var registration: Registration?
    private var timer: TimerToken?
    private var session = ""
    /// Of the client's first request, while it is waited for.
    private var line: [UInt8] = []
    private var onEnd: ((Int) -> Void)?

    /// Nanoseconds that a launch may take in all, as for `wrap`; that sandboxd's queue may stay full; between attempts; and that a client is given for the
    /// request that its refusal answers.
    private static let launchTime: UInt64 = 120_000_000_000
    private static let fullTime: UInt64 = 10_000_000_000
    private static let pause: UInt64 = 50_000_000
    private static let patience: UInt64 = 5_000_000_000
    /// For the ledger's answer: nobody waits for it longer to be told why they are refused.
    private static let recordingTime: UInt64 = 5_000_000_000
    private static let longestLine = 1 << 20

    init(_ number: Int, _ client: consuming OwnedDescriptor, of service: Service, onEnd: @escaping (Int) -> Void) {
        self.number = number
        self.client = consume client
        self.service = service
        self.onEnd = onEnd
    }

    // MARK: Beginning

    /// `refused`: there is nothing to be served.
    func begin(_ refused: ServedEnding?) {
        say("\(peerWords) connects")
        guard let number = client?.number else { return end() }
        do throws(Errno) {
            registration = try service.loop.register(number, for: .readable) { [weak self] _ in self?.greet(refused) }
        } catch {
            end()
        }
    }

    /// Whoever wants to hear how it ends says so before anything else. Who says nothing at all asks for nothing.
    private func greet(_ refused: ServedEnding?) {
        do throws(Errno) {
            guard let next = try client?.peek() else { return }
            if next == .end { return end() }
            if next == .byte(ServedEnding.greeting), try !answerGreeting() { return end() }
        } catch {
            return end()
        }
        stopWatching()
        if let refused { return refuse(refused) }
        ask(until: service.loop.now + Self.fullTime)
    }

    /// False where it cannot be answered.
    private func answerGreeting() throws(Errno) -> Bool {
        guard try client?.receive(atMost: 1)?.bytes == [ServedEnding.greeting] else { return false }
        let pair = try SocketPair(.messages, nonBlocking: true)
        let sent = try client?.send([ServedEnding.greeting], descriptors: [pair.second.borrowed])
        let own = pair.first
        endingLine = consume own
        return sent == .moved(1)
    }

    /// The policy is read anew each time: what is asked for is what stands there now.
    private func ask(until deadline: UInt64) {
        var preparation = WrapPreparation(service.invocation, service.environment)
        do throws(WrapFailure) {
            let command = try preparation.prepare()
            guard let daemon = try connect() else { return askAgain(deadline) }
            let request = try preparation.request(command, try streams(), serves: true)
            let message: ControlMessage
            do { message = try request.encode() } catch { throw .unsendable(error) }
            do throws(ControlCallFailure) {
                exchange = try ControlExchange(
                    .wrap, message, over: daemon, in: service.loop, deadline: service.loop.now + Self.launchTime
                ) { [weak self] in self?.answered($0, preparation.texts) }
            } catch {
                throw .call(error)
            }
        } catch {
            refuse(error, preparation)
        }
    }

    private func askAgain(_ deadline: UInt64) {
        guard service.loop.now < deadline else { return refuse(.call(.timedOut), nil) }
        timer = service.loop.after(nanoseconds: Self.pause) { [weak self] in
            self?.timer = nil
            self?.ask(until: deadline)
        }
    }

    /// nil when its queue is full.
    private func connect() throws(WrapFailure) -> OwnedDescriptor? {
        let path = service.socket
        do throws(Errno) {
            guard let daemon = try UnixSocket.connectNow(to: path) else { return nil }
            let user = try daemon.peerCredentials().user
            if user != 0, user != geteuid() { throw Errno.permission }
            return daemon
        } catch {
            throw .daemon(.cannotConnect(path: path, error))
        }
    }

    /// The connection both ways, and the journal.
    private func streams() throws(WrapFailure) -> ClientStreams {
        do throws(Errno) {
            guard let input = try client?.duplicate(), let output = try client?.duplicate() else { throw .badDescriptor }
            if let journal = JournalStream.open(identifier: identifier, unit: service.unit) {
                return ClientStreams(input: input, output: output, errors: journal)
            }
            return ClientStreams(input: input, output: output, errors: try BorrowedDescriptor.standardError.duplicate())
        } catch {
            throw .streams(error)
        }
    }

    private func answered(_ result: Result<ControlReply, ControlCallFailure>, _ texts: PolicyTexts?) {
        exchange = nil
        do throws(ControlCallFailure) {
            guard let reply = try result.get().take() else { throw .closed }
            let wrapped = try WrapReply(reply)
            session = wrapped.session
            try follow(wrapped.lifeline)
            say("session \(Escaping.line(session)) begins")
        } catch {
            refuse(.call(error), texts)
        }
    }

    // MARK: The session

    private func follow(_ lifeline: consuming OwnedDescriptor) throws(ControlCallFailure) {
        let number = lifeline.number
        self.lifeline = consume lifeline
        do throws(Errno) {
            registration = try service.loop.register(number, for: .readable) { [weak self] _ in self?.listen() }
        } catch {
            throw .systemCall(error)
        }
        // The session's alone now: when it closes, the client must see it.
        client = nil
    }

    private func listen() {
        var told: [UInt8] = []
        do {
            guard let message = try lifeline?.receive(atMost: SessionEnding.size + 1) else { return }
            told = message.bytes
        } catch {
            // A lifeline that fails is one that says nothing.
        }
        let outcome = WrapSession.Outcome(ending: SessionEnding(bytes: told), signal: nil)
        say("session \(Escaping.line(session)) ended\(outcome.message.map { ": \($0)" } ?? "")")
        ending = ServedEnding(outcome, journal: service.unit, advice: LearningAdvice(service.invocation, nil))
        end()
    }

    /// Ends it. A session that runs reports its end first.
    func stop() {
        guard lifeline != nil else { return end() }
        try? lifeline?.shutdownWriting()
    }

    // MARK: Refusals

    /// What is refused before a session is asked for, sandboxd is to judge and record.
    private func refuse(_ failure: WrapFailure, _ preparation: WrapPreparation) {
        let texts = preparation.texts
        guard let refusal = failure.refusal, let question = preparation.question(about: failure), let daemon = (try? connect()) ?? nil
        else {
            return refuse(failure, texts)
        }
        do throws(ControlCallFailure) {
            exchange = try ControlExchange(
                .check, question, over: daemon, in: service.loop, deadline: service.loop.now + Self.recordingTime
            ) { [weak self] in
                self?.exchange = nil
                self?.refuse(.call(.answered(.refused(refusal, entry: Self.entry($0)))), texts)
            }
        } catch {
            refuse(failure, texts)
        }
    }

    /// In the ledger; nil where it is not told.
    private static func entry(_ result: Result<ControlReply, ControlCallFailure>) -> String? {
        guard let reply = (try? result.get())?.take() else { return nil }
        return (try? CheckReply(reply))?.entry
    }

    private func refuse(_ failure: WrapFailure, _ texts: PolicyTexts?) {
        let source = { (name: String) in texts?.source(name) ?? LayerChoice.told(name) }
        refuse(ServedEnding(failure.status, failure.text(RefusalText(source: source, style: .plain))))
    }

    /// The text is the error of the client's first request.
    private func refuse(_ refused: ServedEnding) {
        service.console.warn(refused.text)
        say("refused")
        ending = refused
        guard let number = client?.number else { return end() }
        do throws(Errno) {
            registration = try service.loop.register(number, for: .readable) { [weak self] _ in self?.readRequest() }
            timer = service.loop.after(nanoseconds: Self.patience) { [weak self] in self?.end() }
        } catch {
            end()
        }
    }

    private func readRequest() {
        let transfer = try? client?.read(appendingTo: &line, atMost: 65_536)
        if transfer == .wouldBlock { return }
        while let end = line.firstIndex(of: UInt8(ascii: "\n")) {
            if let id = ClientAnswer.requestID(of: Array(line[..<end])) { return answer(id) }
            line.removeFirst(end + 1)
        }
        if case .moved? = transfer, line.count <= Self.longestLine { return }
        if let id = ClientAnswer.requestID(of: line) { return answer(id) }
        end()
    }

    private func answer(_ id: JSON) {
        // A client that leaves no room for one line is not waited for.
        let bytes = ClientAnswer.error(ending?.text ?? "", to: id)
        _ = bytes.withUnsafeBytes { buffer in try? client?.write(buffer) }
        end()
    }

    // MARK: The end

    private func end() {
        exchange?.cancel()
        exchange = nil
        stopWatching()
        if let timer { service.loop.cancel(timer) }
        timer = nil
        if let ending { _ = try? endingLine?.send(ending.bytes) }
        endingLine = nil
        lifeline = nil
        client = nil
        onEnd?(number)
        onEnd = nil
    }

    private func stopWatching() {
        if let registration { service.loop.remove(registration) }
        registration = nil
    }

    // MARK: Words

    /// As the lines of its session are told apart in the journal.
    private var identifier: String { "\(service.instance)#\(number)" }

    private func say(_ text: String) { service.console.warn("#\(number): \(text)\n") }

    private var peerWords: String {
        guard let peer = try? client?.peerCredentials() else { return "somebody" }
        return "process \(peer.process) of uid \(peer.user)"
    }
}
