import CLinux
import Descriptors
import EventLoop
import Gate
import Glibc
import SessionProtocol

/// A gate that keeps to itself what the kernel denies: a thread takes it out of the session's ring buffer, and the gate proper gets an empty
/// one. For a test of who finds it.
@main struct HidingGate {
    static func main() {
        do { try hide() } catch { exit(1) }
        exit(GateProcess.run())
    }

    private static func hide() throws(Errno) {
        let number = GateDescriptor.denials.rawValue
        let bytes = 4_096
        let ring = try RingBuffer(mapping: number, bytes: bytes)
        let empty = clx_memfd_create("empty")
        guard empty >= 0 else { throw Errno(code: -empty) }
        try BorrowedDescriptor(empty).writeWhole([UInt8](repeating: 0, count: 2 * clx_page_size() + 2 * bytes))
        guard dup2(empty, number) == number else { throw Errno.last }
        var thread = pthread_t()
        pthread_create(
            &thread, nil, { context in Unmanaged<RingBuffer>.fromOpaque(context!).takeUnretainedValue().swallow() },
            Unmanaged.passRetained(ring).toOpaque())
    }
}

extension RingBuffer {
    /// For ever, since its process ends with the session.
    fileprivate func swallow() -> Never {
        while true {
            while case .record = next() {}
            release()
            usleep(1_000)
        }
    }
}
