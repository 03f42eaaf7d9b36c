import Descriptors
import EventLoop

/// Moves bytes one way between a stream of the caller's and a pipe of the session's, with half-close: the end of one is the end of the other.
final class Relay {
    enum Role: Sendable, Hashable { case input, output, errors }

    let role: Role
    private var source: OwnedDescriptor?
    private var sink: OwnedDescriptor?
    private var queue = OutputQueue(limit: Relay.room)
    private var reading: Registration?
    private var writing: Registration?
    private var loop: EventLoop?
    private var onEnd: (() -> Void)?
    /// Sees what goes by.
    var tap: (([UInt8]) -> Void)?

    /// Bytes read before they are written.
    private static let room = 65_536

    init(_ role: Role, from source: consuming OwnedDescriptor, to sink: consuming OwnedDescriptor) {
        self.role = role
        self.source = consume source
        self.sink = consume sink
    }

    /// Both sides are closed.
    var hasEnded: Bool { loop == nil && sink == nil }

    /// Moves from now on; `onEnd` is called once, when there is nothing more to move.
    func start(in loop: EventLoop, onEnd: @escaping () -> Void) throws(Errno) {
        guard let from = source?.number, let to = sink?.number else { return }
        self.loop = loop
        self.onEnd = onEnd
        writing = try loop.register(to, for: []) { [weak self] _ in self?.flush() }
        reading = try loop.register(from, for: .readable) { [weak self] _ in self?.fill() }
    }

    /// Ends at once; what is queued is lost.
    func stop() {
        closeSource()
        closeSink()
    }

    private func fill() {
        guard let number = source?.borrowed else { return }
        var bytes: [UInt8] = []
        do {
            switch try number.read(appendingTo: &bytes, atMost: Self.room) {
            case .moved:
                tap?(bytes)
                queue.append(bytes)
            case .wouldBlock: return
            case .ended: closeSource()
            }
        } catch {
            // A terminal whose other side has gone says EIO: for us an end like any other.
            closeSource()
        }
        flush()
    }

    private func flush() {
        guard let number = sink?.borrowed else { return }
        do {
            switch try queue.flush(to: number) {
            case .blocked: want(read: false, write: true)
            case .empty:
                if source == nil { return closeSink() }
                want(read: true, write: false)
            }
        } catch {
            stop()
        }
    }

    private func want(read: Bool, write: Bool) {
        if let reading { loop?.change(reading, to: read ? .readable : []) }
        if let writing { loop?.change(writing, to: write ? .writable : []) }
    }

    private func closeSource() {
        if let reading { loop?.remove(reading) }
        reading = nil
        source = nil
    }

    private func closeSink() {
        guard sink != nil else { return }
        if let writing { loop?.remove(writing) }
        writing = nil
        sink = nil
        loop = nil
        onEnd?()
        onEnd = nil
    }
}
