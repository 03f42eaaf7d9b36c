public import Descriptors
public import EventLoop
import StrictJSON

/// The side that answers: one connection in an event loop, one call at a time. While a call is unanswered nothing more is read.
///
/// `org.varlink.service` is answered here. A peer that breaks the framing is closed.
public final class ControlConnection {
    /// Why a connection is over.
    public enum End: Sendable, Hashable {
        /// The peer closed, or ended its writing.
        case closed
        case violation(ProtocolViolation)
        case systemCall(Errno)
    }

    private let socket: OwnedDescriptor
    private let loop: EventLoop
    private let admit: (ControlConnection) throws(ControlError) -> PeerCredentials
    private let onCall: (ControlConnection, PeerCredentials, consuming ControlCall) -> Void
    private let mayHold: (HeldInput, HeldInput) -> Bool
    private let onEnd: (ControlConnection, End) -> Void
    private var registration: Registration?
    private var reader = FrameReader()
    private var held = HeldInput()
    /// What has come already is handed out in the next turn; that the peer has ended its writing is found after it.
    private var awaitsTurn = false
    private var writer: FrameWriter?
    /// A call has been handed out and not been answered.
    private var isAnswering = false
    /// Replies of a call that gets several, behind the one that is being written.
    private var further: [JSONObject] = []

    /// So many replies may wait for a peer that does not read.
    private static let furtherLimit = 1_024
    /// False once it is closed, by either side.
    public private(set) var isOpen = true

    /// Begins to read. `admit` is asked about each call, whatever it is, and says who asks; whom it refuses is answered so. `mayHold` is told how
    /// much of unfinished messages was held, and how much is from now on; where that is too much the connection is ended. `onEnd` is called once, unless `close` came before it; the connection must be kept until then.
    public init(
        _ socket: consuming OwnedDescriptor, in loop: EventLoop,
        admit: @escaping (ControlConnection) throws(ControlError) -> PeerCredentials,
        onCall: @escaping (ControlConnection, PeerCredentials, consuming ControlCall) -> Void,
        mayHold: @escaping (_ before: HeldInput, _ now: HeldInput) -> Bool = { _, _ in true },
        onEnd: @escaping (ControlConnection, End) -> Void
    ) throws(Errno) {
        self.mayHold = mayHold
        self.socket = socket
        self.loop = loop
        self.admit = admit
        self.onCall = onCall
        self.onEnd = onEnd
        registration = try loop.register(self.socket.number, for: .readable) { [weak self] readiness in self?.handle(readiness) }
    }

    /// Who asks.
    public func peerCredentials() throws(Errno) -> PeerCredentials { try socket.peerCredentials() }

    /// `SO_PEERPIDFD`; nil before Linux 6.5.
    public func peerProcessDescriptor() throws(Errno) -> OwnedDescriptor? { try socket.peerProcessDescriptor() }

    /// Answers the call. Without effect when the peer has gone.
    public func reply(_ reply: consuming ControlMessage) {
        answer(JSONObject([("parameters", .object(reply.parameters))]), reply.descriptors)
    }

    /// Answers a call that wants more, once of several times; descriptors are not sent. A peer that leaves too many unread is closed.
    public func replyAndGoOn(_ reply: consuming ControlMessage) {
        guard isOpen else { return }
        precondition(isAnswering, "more is said in answer to a call")
        guard further.count < Self.furtherLimit else { return end(.violation(.tooLong)) }
        further.append(JSONObject([("parameters", .object(reply.parameters)), ("continues", true)]))
        if writer == nil { flush() }
    }

    /// Answers the call with an error. Without effect when the peer has gone.
    public func fail(_ error: ControlError) {
        answer(error.message, DescriptorList())
    }

    /// Ends the connection; `onEnd` is not called.
    public func close() {
        guard isOpen else { return }
        isOpen = false
        if let registration { loop.remove(registration) }
        registration = nil
        writer = nil
        reader = FrameReader()
        _ = account()
    }

    /// More is to come; who has sent too much already is ended.
    private func awaitMore() {
        guard account() else { return end(.violation(.tooLong)) }
        want(.readable)
    }

    /// False when it holds more than it may.
    private func account() -> Bool {
        let before = held
        held = reader.held
        return before == held || mayHold(before, held)
    }

    private func answer(_ message: JSONObject, _ descriptors: consuming DescriptorList) {
        guard isOpen else { return }
        precondition(isAnswering, "a call is answered once")
        isAnswering = false
        guard let writer = FrameWriter(message, descriptors: descriptors) else { return end(.violation(.tooLong)) }
        self.writer = consume writer
        flush()
    }

    private func end(_ reason: End) {
        close()
        onEnd(self, reason)
    }

    private func handle(_ readiness: Readiness) {
        let isGone = !readiness.isDisjoint(with: [.peerEnded, .hangUp, .error])
        if writer != nil, !(isAnswering && isGone) { return flush() }
        if isAnswering { return end(.closed) }
        if awaitsTurn { return }
        if readiness.mayRead { fill() }
    }

    private func flush() {
        do {
            repeat {
                if writer == nil, !further.isEmpty {
                    writer = FrameWriter(further.removeFirst(), descriptors: DescriptorList())
                    if writer == nil { return end(.violation(.tooLong)) }
                }
                guard try writer?.send(on: socket.borrowed) ?? true else { return want(isAnswering ? [.writable, .hangUp] : .writable) }
                writer = nil
            } while !further.isEmpty
        } catch {
            return end(error == .brokenPipe || error == .connectionReset ? .closed : .systemCall(error))
        }
        if isAnswering { return want(.hangUp) }
        handOutLater()
    }

    /// Calls that have come already are handed out one in a turn, so that whoever sends many at once keeps nobody waiting; until then nothing more
    /// is read.
    private func handOutLater() {
        guard !reader.isBetweenMessages else { return want(.readable) }
        want(.hangUp)
        awaitsTurn = true
        _ = loop.after(nanoseconds: 0) { [weak self] in
            self?.awaitsTurn = false
            self?.handOut()
        }
    }

    private func fill() {
        do {
            guard let message = try socket.receive(atMost: 65_536, descriptors: ControlLimits.descriptors) else { return }
            if message.isEnd { return end(reader.isBetweenMessages ? .closed : .violation(.cutOff)) }
            guard append(message) else { return }
        } catch {
            return end(error == .connectionReset ? .closed : .systemCall(error))
        }
        handOut()
    }

    private func append(_ message: consuming ReceivedMessage) -> Bool {
        do {
            try reader.append(message)
            return true
        } catch {
            end(.violation(error))
            return false
        }
    }

    /// Hands out the next whole call, if there is one and the last has been answered.
    private func handOut() {
        guard isOpen, !isAnswering, writer == nil else { return }
        do {
            guard let frame = try reader.next() else { return awaitMore() }
            _ = account()
            let call = try ControlCall(frame)
            isAnswering = true
            // From here only the peer's going is of interest: a new call waits in the socket.
            want(.hangUp)
            take(call)
        } catch {
            end(.violation(error))
        }
    }

    private func take(_ call: consuming ControlCall) {
        do {
            let peer = try admit(self)
            if let answer = ServiceInterface.answer(to: call) { return answered(answer) }
            onCall(self, peer, call)
        } catch {
            fail(error)
        }
    }

    private func answered(_ answer: Result<JSONObject, ControlError>) {
        switch answer {
        case .success(let parameters): reply(ControlMessage(parameters))
        case .failure(let error): fail(error)
        }
    }

    private func want(_ interest: Interest) {
        if let registration { loop.change(registration, to: interest) }
    }
}
