import Descriptors
import EventLoop
import Glibc

/// A connection to a service, seen from `connect`: the stream both ways, and the socket on which the service says how the server ended.
final class ConnectedSession {
    /// How it came to its end.
    enum Outcome: Sendable, Hashable {
        case ended(ServedEnding)
        /// The service went away before it said that it serves: nothing was started.
        case unserved
        /// What listens there is another program.
        case foreign
        /// Something was served, and nobody says how it ended.
        case lost
    }

    private let loop: EventLoop
    private var socket: OwnedDescriptor?
    /// One descriptor has one registration.
    private var sending: OwnedDescriptor?
    private var outgoing: HalfStream?
    private var incoming: HalfStream?
    private var watching: Registration?
    /// What the service says at the end.
    private var service: OwnedDescriptor?
    private var hearing: Registration?
    private var outcome: Outcome?
    private var failure: Errno?
    private var isOver = false

    /// Nanoseconds for the last words of a session that has ended, and for hearing how one ended whose stream has.
    private static let drainTime: UInt64 = 2_000_000_000
    private static let endTime: UInt64 = 10_000_000_000

    init(_ socket: consuming OwnedDescriptor) throws(Errno) {
        loop = try EventLoop()
        let sending = try socket.duplicate()
        _ = try sending.send([ServedEnding.greeting], waiting: true)
        self.sending = consume sending
        self.socket = consume socket
    }

    /// Returns when the session has ended.
    func run() throws(Errno) -> Outcome {
        guard let number = socket?.number else { return .unserved }
        watching = try loop.register(number, for: .readable) { [unowned self] _ in beGreeted() }
        try loop.run()
        if let failure { throw failure }
        return outcome ?? .lost
    }

    // MARK: The beginning

    /// The service may let whoever connects wait; until then nothing of the client's is read, so that its first request can be answered here.
    private func beGreeted() {
        do throws(Errno) {
            guard var message = try socket?.receive(atMost: 1, descriptors: 1) else { return }
            if message.isEnd { return stop(.unserved) }
            guard message.bytes == [ServedEnding.greeting], let service = message.descriptors.take(0), service.isSocket else {
                return stop(.foreign)
            }
            try follow(service)
        } catch {
            if error == .connectionReset { return stop(.unserved) }
            failure = error
            loop.stop()
        }
    }

    private func follow(_ service: consuming OwnedDescriptor) throws(Errno) {
        if let watching { loop.remove(watching) }
        watching = nil
        hearing = try loop.register(service.number, for: .readable) { [unowned self] _ in hear() }
        self.service = consume service
        guard let number = socket?.number, let other = sending?.number else { return }
        outgoing = try HalfStream(from: STDIN_FILENO, to: other, in: loop, watchesSink: false) { [unowned self] _ in
            try? sending?.shutdownWriting()
        }
        incoming = try HalfStream(from: number, to: STDOUT_FILENO, in: loop, watchesSink: true) { [unowned self] _ in streamEnded() }
    }

    // MARK: The end

    private func hear() {
        var heard: [UInt8] = []
        do {
            guard let message = try service?.receive(atMost: ServedEnding.size) else { return }
            heard = message.bytes
        } catch {
            // Who cannot be understood has said nothing.
        }
        if let hearing { loop.remove(hearing) }
        hearing = nil
        outcome = ServedEnding(bytes: heard).map(Outcome.ended) ?? .lost
        if isOver { return loop.stop() }
        loop.after(nanoseconds: Self.drainTime) { [unowned self] in loop.stop() }
    }

    /// Nothing more comes, or nobody reads it: the gate sees the same, and the session ends if it has not.
    private func streamEnded() {
        isOver = true
        outgoing?.stop()
        socket = nil
        sending = nil
        if outcome != nil { return loop.stop() }
        loop.after(nanoseconds: Self.endTime) { [unowned self] in loop.stop() }
    }

    private func stop(_ outcome: Outcome) {
        self.outcome = outcome
        loop.stop()
    }
}
