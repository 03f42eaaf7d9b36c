import Glibc

/// A descriptor whose open file others share, so that O_NONBLOCK may not be set on it: each call says that it will not wait.
/// Where the kernel cannot do that for this kind of file, poll(2) is asked before each call.
public struct SharedStream {
    public let descriptor: BorrowedDescriptor
    private let isSocket: Bool
    private var asksFirst = false

    /// Linux writes at most this much to a pipe that poll(2) calls writable without waiting (pipe(7), PIPE_BUF).
    private static let atOnce = 4_096

    public init(_ number: Int32) {
        descriptor = BorrowedDescriptor(number)
        isSocket = descriptor.isSocket
    }

    /// What is there now.
    public mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Transfer {
        if !asksFirst {
            do { return try descriptor.readNow(into: buffer, isSocket: isSocket) } catch {
                guard error == .notSupported else { throw error }
                asksFirst = true
            }
        }
        return isReady(POLLIN) ? try descriptor.read(into: buffer) : .wouldBlock
    }

    /// As much as goes now.
    public mutating func write(_ bytes: UnsafeRawBufferPointer) throws(Errno) -> Transfer {
        if !asksFirst {
            do { return try descriptor.writeNow(bytes, isSocket: isSocket) } catch {
                guard error == .notSupported else { throw error }
                asksFirst = true
            }
        }
        guard isReady(POLLOUT) else { return .wouldBlock }
        return try descriptor.write(UnsafeRawBufferPointer(rebasing: bytes.prefix(Self.atOnce)))
    }

    private func isReady(_ event: Int32) -> Bool {
        var request = pollfd(fd: descriptor.number, events: Int16(event), revents: 0)
        return poll(&request, 1, 0) > 0
    }
}
