import CLinux
public import Descriptors
import Glibc
import StrictJSON

/// The side that asks: one call at a time, each with a deadline. For programs that have nothing else to do meanwhile.
public struct ControlClient: ~Copyable {
    private let socket: OwnedDescriptor
    private var reader = FrameReader()

    /// Over a connected stream socket, e.g. one end of a socketpair(2).
    public init(_ socket: consuming OwnedDescriptor) {
        self.socket = socket
    }

    /// connect(2) to a path; a listener whose queue stays full until the deadline is `ETIMEDOUT`.
    public init(connectingTo path: String, deadline: UInt64) throws(Errno) {
        socket = try connect(to: path, deadline: deadline)
    }

    /// Who listens there: the credentials of whoever called listen(2) (or made the pair).
    public func peerCredentials() throws(Errno) -> PeerCredentials { try socket.peerCredentials() }

    /// Asks whether this is sandboxd at all (`org.varlink.service.GetInfo`), so that a stranger is found before anything is handed to it.
    public mutating func greet(deadline: UInt64) throws(ControlCallFailure) {
        let info = try call(named: ControlInterface.ServiceMethod.getInfo.rawValue, ControlMessage(), deadline: deadline)
        let interfaces = info.parameters["interfaces"]?.array ?? []
        guard interfaces.contains(.string(ControlInterface.name)) else { throw .violation(.malformed) }
    }

    /// Sends a call and waits for its reply until `deadline` (nanoseconds of the monotonic clock).
    public mutating func call(
        _ method: ControlInterface.Method, _ message: consuming ControlMessage = ControlMessage(), deadline: UInt64
    ) throws(ControlCallFailure) -> ControlMessage {
        try call(named: method.rawValue, message, deadline: deadline)
    }

    /// Sends a call that is answered again and again; each reply is `nextReply`.
    public mutating func callForMore(_ method: ControlInterface.Method, deadline: UInt64) throws(ControlCallFailure) {
        try send(ControlCall.message(method: method.rawValue, parameters: JSONObject(), more: true), DescriptorList(), deadline)
    }

    /// The next reply to such a call.
    public mutating func nextReply(deadline: UInt64) throws(ControlCallFailure) -> ControlMessage {
        try ControlMessage(reply: reply(deadline))
    }

    mutating func call(
        named method: String, _ message: consuming ControlMessage, deadline: UInt64
    ) throws(ControlCallFailure) -> ControlMessage {
        try send(ControlCall.message(method: method, parameters: message.parameters), message.descriptors, deadline)
        return try ControlMessage(reply: reply(deadline))
    }

    private func send(_ call: JSONObject, _ descriptors: consuming DescriptorList, _ deadline: UInt64) throws(ControlCallFailure) {
        guard var writer = FrameWriter(call, descriptors: descriptors) else { throw .tooLarge }
        while try !orFailure({ () throws(Errno) in try writer.send(on: socket.borrowed) }) { try wait(for: Int16(POLLOUT), deadline) }
    }

    private mutating func reply(_ deadline: UInt64) throws(ControlCallFailure) -> FrameReader.Frame {
        while true {
            if let frame = try next() { return frame }
            try wait(for: Int16(POLLIN), deadline)
            try fill()
        }
    }

    private mutating func next() throws(ControlCallFailure) -> FrameReader.Frame? {
        do { return try reader.next() } catch { throw .violation(error) }
    }

    private mutating func fill() throws(ControlCallFailure) {
        let message: ReceivedMessage?
        message = try orFailure { () throws(Errno) in try socket.receive(atMost: 65_536, descriptors: ControlLimits.descriptors) }
        guard let message else { return }
        if message.isEnd { throw reader.isBetweenMessages ? .closed : .violation(.cutOff) }
        do { try reader.append(message) } catch { throw .violation(error) }
    }

    /// poll(2) until the socket is ready.
    private func wait(for events: Int16, _ deadline: UInt64) throws(ControlCallFailure) {
        while true {
            let now = Clock.monotonic
            guard now < deadline else { throw .timedOut }
            var entry = pollfd(fd: socket.number, events: events, revents: 0)
            let milliseconds = min((deadline - now) / 1_000_000 + 1, 3_600_000)
            let count = poll(&entry, 1, Int32(milliseconds))
            if count > 0 { return }
            if count < 0, Errno.last != .interrupted { throw .systemCall(.last) }
        }
    }

    /// A peer that has gone is `closed`, however the kernel says it.
    private func orFailure<Value: ~Copyable>(_ body: () throws(Errno) -> Value) throws(ControlCallFailure) -> Value {
        do {
            return try body()
        } catch {
            throw error == .brokenPipe || error == .connectionReset ? .closed : .systemCall(error)
        }
    }
}

/// connect(2) with `SO_SNDTIMEO`, which bounds the wait for room in a listener's queue.
private func connect(to path: String, deadline: UInt64) throws(Errno) -> OwnedDescriptor {
    guard !path.utf8.contains(0) else { throw .invalid }
    let socket = OwnedDescriptor(owning: try checked(clx_unix_socket(CLX_STREAM, 0)))
    let now = Clock.monotonic
    guard now < deadline else { throw .timedOut }
    let microseconds = max(1, Int((deadline - now) / 1_000))
    var limit = timeval(tv_sec: microseconds / 1_000_000, tv_usec: microseconds % 1_000_000)
    guard setsockopt(socket.number, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size)) == 0 else { throw .last }
    let result = clx_unix_connect(socket.number, path)
    if result == -EAGAIN { throw .timedOut }
    _ = try checked(result)
    return socket
}

private func checked(_ result: Int32) throws(Errno) -> Int32 {
    guard result >= 0 else { throw Errno(code: -result) }
    return result
}
