import Descriptors
import EventLoop
import Kernel

/// The path finder that waits for the next launch, so that no launch waits for its start. Each is for one launch; there is one at most.
final class FinderReserve {
    private let siblings: Siblings
    private let loop: EventLoop
    private var waiting: Finder?
    private var registration: Registration?

    init(_ siblings: Siblings, _ loop: EventLoop) {
        self.siblings = siblings
        self.loop = loop
    }

    /// The one that waits, or one that is started now.
    func take() throws(LaunchFailure) -> Finder {
        stopWatching()
        if let finder = waiting.take() {
            if isAlive(finder) { return finder }
            KilledProcess.end(finder.process, in: loop)
        }
        return try Finder.start(siblings)
    }

    /// Starts the next one. Where that fails the launch that needs it tries again, and tells.
    func fill() {
        guard waiting == nil, let finder = try? Finder.start(siblings) else { return }
        let number = finder.socket.number
        waiting = consume finder
        registration = try? loop.register(number, for: .readable) { [weak self] _ in self?.drop() }
    }

    /// Whoever speaks unasked has ended, or is not what it was.
    func drop() {
        stopWatching()
        if let finder = waiting.take() { KilledProcess.end(finder.process, in: loop) }
    }

    private func isAlive(_ finder: borrowing Finder) -> Bool {
        do { return try finder.socket.receive(atMost: 1) == nil } catch { return false }
    }

    private func stopWatching() {
        if let registration { loop.remove(registration) }
        registration = nil
    }
}
