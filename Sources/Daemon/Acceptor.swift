import Descriptors
import EventLoop

/// Accepts from a listening socket as long as there is room, and rests while there is none: without room for a descriptor the socket would be
/// reported again and again.
final class Acceptor {
    /// How long to rest when a connection cannot be accepted, in nanoseconds.
    private static let rest: UInt64 = 100_000_000

    private let socket: OwnedDescriptor
    private let loop: EventLoop
    private let hasRoom: () -> Bool
    private let serve: (consuming OwnedDescriptor) throws(Errno) -> Void
    private var registration: Registration?

    init(
        _ socket: consuming OwnedDescriptor, in loop: EventLoop, hasRoom: @escaping () -> Bool,
        serve: @escaping (consuming OwnedDescriptor) throws(Errno) -> Void
    ) throws(Errno) {
        self.socket = socket
        self.loop = loop
        self.hasRoom = hasRoom
        self.serve = serve
        registration = try loop.register(self.socket.number, for: .readable) { [weak self] _ in self?.accept() }
    }

    func close() {
        if let registration { loop.remove(registration) }
        registration = nil
    }

    deinit { close() }

    private func accept() {
        do throws(Errno) {
            guard hasRoom() else { return pause() }
            guard let connection = try socket.accept() else { return }
            try serve(connection)
        } catch {
            pause()
        }
    }

    private func pause() {
        guard let registration else { return }
        loop.change(registration, to: [])
        _ = loop.after(nanoseconds: Self.rest) { [weak self] in
            guard let self, let registration = self.registration else { return }
            self.loop.change(registration, to: .readable)
        }
    }
}
