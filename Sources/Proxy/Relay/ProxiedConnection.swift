import CProxy
import Descriptors
import EventLoop
import Policy

/// One client's connection, from its first byte to its last.
///
/// INVARIANT: nothing goes to the server before the target is permitted, its address checked, the connection recorded, and, where the policy
/// asks for it, the name in the ClientHello read.
final class ProxiedConnection {
    enum Phase: Equatable { case talking, resolving, connecting, greeting, relaying, lingering, closed }

    /// What a connection needs of whoever holds it.
    struct Surroundings {
        let loop: EventLoop
        let rules: ProxyRules
        let resolver: Resolver
        /// Records what becomes of it; false where that cannot be recorded.
        let record: (ProxyEvent) -> Bool
        /// Called once, when it is over.
        let closed: (ProxiedConnection) -> Void
    }

    let number: UInt64
    private let surroundings: Surroundings
    private var loop: EventLoop { surroundings.loop }
    private var phase = Phase.talking
    private var client: OwnedDescriptor?
    private var server: OwnedDescriptor?
    private var clientRegistration: Registration?
    private var serverRegistration: Registration?
    private var deadline: TimerToken?

    private var talk = ClientTalk()
    private var received: [UInt8] = []
    private var asked: (target: Target, way: ClientTalk.Way, speech: NamePattern.Speech)?
    private var addresses: ArraySlice<IPAddress> = []
    private var hello = ClientHelloReader()
    private var up: ClientFlow?
    private var down: Flow?
    private var isRecorded = false

    private static let second: UInt64 = 1_000_000_000
    private static let patience = 15 * second
    private static let connectPatience = 5 * second
    private static let lingering = 1 * second
    private static let mostAddresses = 6
    private static let chunk = 1 << 14

    init(_ client: consuming OwnedDescriptor, number: UInt64, _ surroundings: Surroundings) throws(Errno) {
        self.number = number
        self.surroundings = surroundings
        let socket = client.number
        self.client = consume client
        clientRegistration = try loop.register(socket, for: .readable) { [weak self] readiness in self?.clientIsReady(readiness) }
        setDeadline(Self.patience, .late)
    }

    // MARK: Readiness

    private func clientIsReady(_ readiness: Readiness) {
        switch phase {
        case .talking, .greeting:
            guard read() else { return close() }
            if phase == .talking { hear() } else { greet() }
        case .relaying: pump()
        case .lingering: drain()
        // Nothing is wanted of it: it is gone.
        case .resolving, .connecting: close()
        case .closed: break
        }
    }

    private func serverIsReady() {
        switch phase {
        case .connecting: connectionIsMade()
        case .relaying: pump()
        // It speaks first, or is gone, before the client has said whom it means; the former waits.
        case .greeting: close()
        case .talking, .resolving, .lingering, .closed: break
        }
    }

    /// False at the end.
    private func read() -> Bool {
        guard let socket = client?.borrowed, let transfer = try? socket.read(appendingTo: &received, atMost: Self.chunk) else {
            return false
        }
        return transfer != .ended
    }

    // MARK: What is asked

    private func hear() {
        switch talk.read(received) {
        case .needsMore(let answer):
            if !answer.isEmpty, !say(answer) { close() }
        case .refuses(let refusal, let answer): refuse(refusal, answer)
        case .asks(let target, let way, let count):
            received.removeFirst(count)
            take(target, way)
        }
    }

    private func take(_ target: Target, _ way: ClientTalk.Way) {
        let speech: NamePattern.Speech
        do throws(ProxyRefusal) {
            speech = try surroundings.rules.speech(to: target)
            // What is forwarded is no TLS.
            if case .forward = way, speech == .tls { throw .notPermitted }
        } catch {
            asked = (target, way, .tls)
            return refuse(error)
        }
        asked = (target, way, speech)
        phase = .resolving
        if let clientRegistration { loop.change(clientRegistration, to: .hangUp) }
        setDeadline(Self.patience, .unresolved)
        surroundings.resolver.addresses(of: target.name) { [weak self] in self?.found($0) }
    }

    // MARK: Where it leads

    private func found(_ found: [IPAddress]) {
        guard phase == .resolving, let target = asked?.target else { return }
        guard !found.isEmpty else { return refuse(.unresolved) }
        addresses = found.filter { surroundings.rules.addresses.permits($0, port: target.port) }.prefix(Self.mostAddresses)
        guard !addresses.isEmpty else { return refuse(.insideAddress) }
        phase = .connecting
        connect()
    }

    private func connect() {
        dropServer()
        guard let address = addresses.first, let target = asked?.target else { return refuse(.unreachable) }
        let made = cpx_tcp_socket(address.mappedBytes)
        guard made >= 0 else { return tryNext() }
        server = OwnedDescriptor(owning: made)
        let result = cpx_tcp_connect(made, address.mappedBytes, target.port)
        guard result == 0 || result == -Errno.inProgress.code else { return tryNext() }
        serverRegistration = try? loop.register(made, for: .writable) { [weak self] _ in self?.serverIsReady() }
        guard serverRegistration != nil else { return tryNext() }
        setDeadline(Self.connectPatience, .unreachable)
    }

    private func tryNext() {
        addresses = addresses.dropFirst()
        connect()
    }

    private func connectionIsMade() {
        guard let server = server?.number, let address = addresses.first, let asked else { return close() }
        guard cpx_socket_error(server) == 0 else { return tryNext() }
        // Evidence comes first: what cannot be recorded is not done.
        guard surroundings.record(.opened(number: number, asked.target, address)) else { return close() }
        isRecorded = true
        _ = cpx_tcp_tune(server)
        if let client = client?.number { _ = cpx_tcp_tune(client) }
        if let serverRegistration { loop.change(serverRegistration, to: []) }
        switch asked.way {
        case .connect: guard say(HTTPAnswer.connected) else { return close() }
        case .socks: guard say(SocksRequest.answer(nil)) else { return close() }
        case .forward: break
        }
        guard asked.speech == .tls else { return relay() }
        phase = .greeting
        setDeadline(Self.patience, .late)
        if let clientRegistration { loop.change(clientRegistration, to: .readable) }
        greet()
    }

    // MARK: What is spoken

    private func greet() {
        guard let target = asked?.target else { return close() }
        do throws(ProxyRefusal) {
            guard case .names(let name) = try hello.read(received) else { return }
            guard name == target.name else { throw .otherName }
            relay()
        } catch {
            refuse(error, Self.alert(error))
        }
    }

    /// What a TLS client understands: unrecognized_name (RFC 6066 section 3), fatal.
    private static func alert(_ refusal: ProxyRefusal) -> [UInt8] { refusal == .notTLS ? [] : [21, 3, 1, 0, 2, 2, 112] }

    private func relay() {
        guard let client = client?.number, let server = server?.number, let asked else { return close() }
        cancelDeadline()
        phase = .relaying
        up = ClientFlow(from: client, to: server, asked.way, first: received)
        down = Flow(from: server, to: client)
        received = []
        pump()
    }

    private func pump() {
        guard up != nil, down != nil else { return close() }
        let upwards = up?.pump() ?? .failed, downwards = down?.pump() ?? .failed
        // A forwarded request is over with its answer.
        let isOver = downwards == .ended && (upwards == .ended || asked.map { Self.isForward($0.way) } ?? true)
        if isOver || upwards == .failed || downwards == .failed { return close() }
        want(clientRegistration, reads: upwards == .waitsForSource || upwards == .goesOn, writes: downwards == .waitsForSink)
        want(serverRegistration, reads: downwards == .waitsForSource || downwards == .goesOn, writes: upwards == .waitsForSink)
    }

    private static func isForward(_ way: ClientTalk.Way) -> Bool { if case .forward = way { true } else { false } }

    private func want(_ registration: Registration?, reads: Bool, writes: Bool) {
        guard let registration else { return }
        loop.change(registration, to: (reads ? Interest.readable : []).union(writes ? .writable : []))
    }

    // MARK: The end

    private func refuse(_ refusal: ProxyRefusal) {
        // Once it was told that it is connected, it hears the server alone.
        guard phase != .greeting else { return refuse(refusal, []) }
        switch asked?.way {
        case .socks: refuse(refusal, SocksRequest.answer(refusal))
        case .connect, .forward, nil: refuse(refusal, HTTPAnswer.refusal(refusal))
        }
    }

    private func refuse(_ refusal: ProxyRefusal, _ answer: [UInt8]) {
        guard phase != .closed, phase != .lingering else { return }
        _ = surroundings.record(.refused(number: number, asked?.target, refusal))
        dropServer()
        guard !answer.isEmpty, say(answer), let client = client?.number, SocketEnd.endWriting(client) else { return close() }
        // To close a socket of which not all was read would take the answer back.
        phase = .lingering
        received = []
        if let clientRegistration { loop.change(clientRegistration, to: .readable) }
        cancelDeadline()
        deadline = loop.after(nanoseconds: Self.lingering) { [weak self] in self?.close() }
    }

    private func drain() {
        guard read() else { return close() }
        received = []
    }

    /// Short enough for a socket's buffer that was empty; false otherwise.
    private func say(_ answer: [UInt8]) -> Bool {
        guard let client = client?.borrowed else { return false }
        return (try? client.send(answer)) == .moved(answer.count)
    }

    private func setDeadline(_ nanoseconds: UInt64, _ refusal: ProxyRefusal) {
        cancelDeadline()
        deadline = loop.after(nanoseconds: nanoseconds) { [weak self] in self?.isLate(refusal) }
    }

    private func isLate(_ refusal: ProxyRefusal) {
        deadline = nil
        if phase == .connecting { tryNext() } else { refuse(refusal) }
    }

    private func cancelDeadline() {
        if let deadline { loop.cancel(deadline) }
        deadline = nil
    }

    private func dropServer() {
        if let serverRegistration { loop.remove(serverRegistration) }
        serverRegistration = nil
        server = nil
    }

    func close() {
        guard phase != .closed else { return }
        phase = .closed
        cancelDeadline()
        dropServer()
        if let clientRegistration { loop.remove(clientRegistration) }
        clientRegistration = nil
        client = nil
        if isRecorded { _ = surroundings.record(.closed(number: number, sent: up?.bytes ?? 0, received: down?.bytes ?? 0)) }
        surroundings.closed(self)
    }
}
