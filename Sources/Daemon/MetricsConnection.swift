import Descriptors
import EventLoop

/// One reader: a request is read, answered, and the connection closed; whoever is too slow is closed before.
final class MetricsConnection {
    private let socket: OwnedDescriptor
    private let loop: EventLoop
    private let body: () -> String
    private let onEnd: (MetricsConnection) -> Void
    private var registration: Registration?
    private var deadline: TimerToken?
    private var read: [UInt8] = []
    private var output: OutputQueue?

    init(
        _ socket: consuming OwnedDescriptor, in loop: EventLoop, body: @escaping () -> String,
        onEnd: @escaping (MetricsConnection) -> Void
    ) throws(Errno) {
        self.socket = socket
        self.loop = loop
        self.body = body
        self.onEnd = onEnd
        registration = try loop.register(self.socket.number, for: .readable) { [weak self] _ in self?.handle() }
        deadline = loop.after(nanoseconds: MetricsServer.deadline) { [weak self] in self?.end() }
    }

    /// `onEnd` is not called.
    func close() {
        if let registration { loop.remove(registration) }
        registration = nil
        if let deadline { loop.cancel(deadline) }
        deadline = nil
    }

    private func end() {
        guard registration != nil else { return }
        close()
        onEnd(self)
    }

    private func handle() {
        do {
            if output == nil { try fill() }
            if output != nil { try flush() }
        } catch {
            end()
        }
    }

    private func fill() throws(Errno) {
        guard let message = try socket.receive(atMost: MetricsRequest.limit) else { return }
        if message.isEnd { return end() }
        read += message.bytes
        switch MetricsRequest(read) {
        case .incomplete: break
        case .metrics: answer(MetricsRequest.answer("200 OK", type: MetricsText.contentType, body()))
        case .refused(let refusal): answer(MetricsRequest.answer(refusal))
        }
    }

    private func answer(_ bytes: [UInt8]) {
        var queue = OutputQueue(limit: max(1, bytes.count))
        queue.append(bytes)
        output = consume queue
        read = []
        if let registration { loop.change(registration, to: .writable) }
    }

    private func flush() throws(Errno) {
        guard try output?.flush(to: socket) == .empty else { return }
        try socket.shutdownWriting()
        end()
    }
}
