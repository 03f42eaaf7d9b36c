public import Descriptors

/// Bytes on their way out, in order, bounded: when it is full, stop reading what fills it. Never drops.
public struct OutputQueue: ~Copyable {
    /// What came of flushing. Failures are thrown.
    public enum Flushed: Hashable, Sendable {
        case empty
        /// Bytes are left: wait for `writable`.
        case blocked
    }

    /// From this many bytes on the queue is full.
    public let limit: Int
    private var storage: [UInt8] = []
    /// What lies before it in `storage` has left.
    private var head = 0

    public init(limit: Int) {
        precondition(limit > 0)
        self.limit = limit
    }

    public var count: Int { storage.count - head }
    public var isEmpty: Bool { head == storage.count }
    /// Back-pressure: nothing more should be read that could add to it.
    public var isFull: Bool { count >= limit }

    /// Puts bytes at the end, whole, whether full or not: what was accepted must be answered. The caller looks at `isFull` before it reads
    /// more.
    public mutating func append(_ bytes: [UInt8]) {
        compact()
        storage.append(contentsOf: bytes)
    }

    /// The same for a part of an array.
    public mutating func append(_ bytes: ArraySlice<UInt8>) {
        compact()
        storage.append(contentsOf: bytes)
    }

    /// The same for bytes elsewhere.
    public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        compact()
        storage.append(contentsOf: bytes)
    }

    /// Puts bytes at the end if the limit holds afterwards; false and unchanged otherwise.
    public mutating func tryAppend(_ bytes: [UInt8]) -> Bool {
        guard count + bytes.count <= limit else { return false }
        append(bytes)
        return true
    }

    /// Writes as much as goes (write(2) on a non-blocking descriptor).
    public mutating func flush(to descriptor: borrowing some Descriptor & ~Copyable) throws(Errno) -> Flushed {
        let number = BorrowedDescriptor(descriptor.number)
        return try flush { bytes throws(Errno) in try number.write(bytes) }
    }

    /// Writes as much as goes without waiting on a descriptor that others share.
    public mutating func flushShared(
        to descriptor: borrowing some Descriptor & ~Copyable, isSocket: Bool
    ) throws(Errno) -> Flushed {
        let number = BorrowedDescriptor(descriptor.number)
        return try flush { bytes throws(Errno) in try number.writeNow(bytes, isSocket: isSocket) }
    }

    /// Hands what is queued to `write` until nothing is left or it would block.
    public mutating func flush(_ write: (UnsafeRawBufferPointer) throws(Errno) -> Transfer) throws(Errno) -> Flushed {
        while !isEmpty {
            let start = head
            let transfer = try storage.withUnsafeBufferPointer { all throws(Errno) in
                try write(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: all[start...])))
            }
            guard case .moved(let count) = transfer else { return .blocked }
            head += count
        }
        clear()
        return .empty
    }

    /// Forgets everything, e.g. when the reader is gone.
    public mutating func clear() {
        storage.removeAll(keepingCapacity: storage.capacity <= 1 << 20)
        head = 0
    }

    /// Moves what is left to the front once more than half has gone: each byte moves at most once on average.
    private mutating func compact() {
        guard head > 4_096, head > storage.count / 2 else { return }
        storage.removeSubrange(0..<head)
        head = 0
    }
}
