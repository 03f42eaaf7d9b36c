import Descriptors
import EventLoop
import Glibc

/// Moves bytes one way between two descriptors that others may share: never `O_NONBLOCK`, and the end of one is told to the other.
final class HalfStream {
    private var source: SharedStream
    private var sink: SharedStream
    private let loop: EventLoop
    /// Whether a sink that nobody reads any more is of interest while nothing is to be written.
    private let watchesSink: Bool
    private var queue = OutputQueue(limit: HalfStream.room)
    private var reading: Registration?
    private var writing: Registration?
    /// Called once: whether all that came was written.
    private var onEnd: ((Bool) -> Void)?

    private static let room = 65_536

    init(
        from source: Int32, to sink: Int32, in loop: EventLoop, watchesSink: Bool, onEnd: @escaping (Bool) -> Void
    ) throws(Errno) {
        self.source = SharedStream(source)
        self.sink = SharedStream(sink)
        self.loop = loop
        self.watchesSink = watchesSink
        self.onEnd = onEnd
        writing = try loop.register(sink, for: watchesSink ? .hangUp : []) { [weak self] readiness in self?.flush(readiness) }
        reading = try loop.register(source, for: .readable) { [weak self] _ in self?.fill() }
    }

    private func fill() {
        let isOver = withUnsafeTemporaryAllocation(byteCount: Self.room, alignment: 1) { buffer in
            switch Result(catching: { () throws(Errno) in try source.read(into: buffer) }) {
            case .success(.moved(let count)):
                queue.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            case .success(.wouldBlock): break
            // A terminal whose other side has gone says EIO: an end like any other.
            case .success(.ended), .failure: return true
            }
            return false
        }
        if isOver { stopReading() }
        flush()
    }

    private func flush(_ readiness: Readiness) {
        if queue.isEmpty, !readiness.isDisjoint(with: [.error, .hangUp]) { return end(false) }
        flush()
    }

    private func flush() {
        do throws(Errno) {
            let flushed = try queue.flush { bytes throws(Errno) in try sink.write(bytes) }
            if flushed == .empty, reading == nil { return end(true) }
            want(flushed)
        } catch {
            end(false)
        }
    }

    private func want(_ flushed: OutputQueue.Flushed) {
        if let reading { loop.change(reading, to: flushed == .empty ? .readable : []) }
        if let writing { loop.change(writing, to: flushed == .blocked ? .writable : watchesSink ? .hangUp : []) }
    }

    private func stopReading() {
        if let reading { loop.remove(reading) }
        reading = nil
    }

    /// Nothing more is moved, and nobody told.
    func stop() {
        onEnd = nil
        end(false)
    }

    private func end(_ isWhole: Bool) {
        stopReading()
        if let writing { loop.remove(writing) }
        writing = nil
        onEnd?(isWhole)
        onEnd = nil
    }
}
