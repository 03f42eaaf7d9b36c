import CSQLite
import Descriptors

/// Interrupts what SQLite does for longer than a call may take (sqlite3_progress_handler).
final class Deadline {
    private let end: UnsafeMutablePointer<UInt64>

    init() {
        end = .allocate(capacity: 1)
        end.initialize(to: .max)
    }

    deinit { end.deallocate() }

    /// INVARIANT: lives as long as the connection.
    func watch(_ handle: OpaquePointer) {
        sqlite3_progress_handler(
            handle, 1_000, { end in end!.assumingMemoryBound(to: UInt64.self).pointee < Clock.monotonic ? 1 : 0 }, end)
    }

    /// The next call begins.
    func begin() { end.pointee = Clock.monotonic + Database.longest }
}
