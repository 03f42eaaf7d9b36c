public import Descriptors
public import EventLoop
import StrictJSON

/// The side that asks, in an event loop: one call over a connection of its own, which is closed with the answer. For programs that go on meanwhile;
/// others have `ControlClient`.
public final class ControlExchange {
    private let socket: OwnedDescriptor
    private let loop: EventLoop
    private var reader = FrameReader()
    private var writer: FrameWriter?
    private var registration: Registration?
    private var timer: TimerToken?
    /// Called once.
    private var onReply: ((Result<ControlReply, ControlCallFailure>) -> Void)?

    /// Over a connected stream socket that does not block. `onReply` is called once, in a later turn of the loop, by `deadline` at the latest (nanoseconds
    /// of the monotonic clock); the exchange must be kept until then.
    public init(
        _ method: ControlInterface.Method, _ message: consuming ControlMessage, over socket: consuming OwnedDescriptor, in loop: EventLoop,
        deadline: UInt64, onReply: @escaping (Result<ControlReply, ControlCallFailure>) -> Void
    ) throws(ControlCallFailure) {
        let call = ControlCall.message(method: method.rawValue, parameters: message.parameters)
        guard let writer = FrameWriter(call, descriptors: message.descriptors) else { throw .tooLarge }
        self.writer = consume writer
        self.socket = socket
        self.loop = loop
        self.onReply = onReply
        do throws(Errno) {
            registration = try loop.register(self.socket.number, for: .writable) { [weak self] _ in self?.proceed() }
        } catch {
            throw .systemCall(error)
        }
        timer = loop.at(deadline) { [weak self] in self?.end(.failure(.timedOut)) }
    }

    /// Closes without an answer: `onReply` is not called.
    public func cancel() {
        onReply = nil
        stop()
    }

    private func proceed() {
        do throws(ControlCallFailure) {
            if writer != nil { try flush() } else { try fill() }
        } catch {
            end(.failure(error))
        }
    }

    private func flush() throws(ControlCallFailure) {
        do throws(Errno) {
            guard try writer?.send(on: socket.borrowed) ?? false else { return }
        } catch {
            throw Self.failure(error)
        }
        // The descriptors are the other side's now.
        writer = nil
        if let registration { loop.change(registration, to: .readable) }
    }

    private func fill() throws(ControlCallFailure) {
        let message: ReceivedMessage?
        do { message = try socket.receive(atMost: 65_536, descriptors: ControlLimits.descriptors) } catch { throw Self.failure(error) }
        guard let message else { return }
        if message.isEnd { throw reader.isBetweenMessages ? .closed : .violation(.cutOff) }
        let frame: FrameReader.Frame?
        do {
            try reader.append(message)
            frame = try reader.next()
        } catch {
            throw .violation(error)
        }
        guard let frame else { return }
        end(.success(ControlReply(try ControlMessage(reply: frame))))
    }

    private static func failure(_ error: Errno) -> ControlCallFailure {
        error == .brokenPipe || error == .connectionReset ? .closed : .systemCall(error)
    }

    private func end(_ result: Result<ControlReply, ControlCallFailure>) {
        stop()
        onReply?(result)
        onReply = nil
    }

    private func stop() {
        if let registration { loop.remove(registration) }
        registration = nil
        if let timer { loop.cancel(timer) }
        timer = nil
        writer = nil
    }
}

/// A reply, to be taken out once: what has one owner does not fit into a `Result` that is handed to a closure.
public final class ControlReply {
    private var message: ControlMessage?

    init(_ message: consuming ControlMessage) { self.message = consume message }

    /// Nil when it was taken already.
    public func take() -> ControlMessage? { message.take() }
}
