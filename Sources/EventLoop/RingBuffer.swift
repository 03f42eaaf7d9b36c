import CLinux
public import Descriptors

/// The reading end of a BPF ring buffer (BPF_MAP_TYPE_RINGBUF), by plain mmap(2). One process reads, the kernel writes.
///
/// Two pages of positions lie before the data: the consumer's, which the reader writes, and the producer's. The data are mapped twice, one
/// after the other, so that every record is in one piece. A record is a word of length and flags, four bytes that are the kernel's own, and
/// its content; the next begins at a multiple of 8 (kernel/bpf/ringbuf.c). Its descriptor is readable (epoll(7)) while something lies
/// between the two positions.
///
/// INVARIANT: what `next` has handed out stays in the ring until `release`, so that it outlives a reader who dies before it told of it.
public final class RingBuffer {
    public enum Item: Hashable, Sendable {
        /// The content of a record.
        case record([UInt8])
        case none
        /// The next record is still being written; none behind it can be read.
        case busy
        /// What lies there is no record: the mapping is not what it was taken for. From here on nothing is read.
        case malformed
    }

    public enum Use: Sendable { case consuming, watching }

    private let consumer: UnsafeMutableRawPointer
    private let shared: UnsafeMutableRawPointer
    private let bytes: Int
    private let use: Use
    private var position: UInt64
    private var released: UInt64
    private var isMalformed = false

    private static let header = 8
    private static let busy: UInt32 = 1 << 31
    private static let discarded: UInt32 = 1 << 30

    /// Maps the ring of a descriptor, which may be closed afterwards. `bytes`: of its data, `max_entries` of the map. Who watches begins
    /// where the consumer is, and gives nothing back.
    public init(mapping number: Int32, bytes: Int, for use: Use = .consuming) throws(Errno) {
        let page = Self.pageBytes
        guard bytes >= page, bytes <= 1 << 30, bytes & (bytes - 1) == 0 else { throw .invalid }
        consumer = try Self.map(number, at: 0, page, isWritable: use == .consuming)
        do throws(Errno) {
            shared = try Self.map(number, at: page, page + 2 * bytes, isWritable: false)
        } catch {
            clx_unmap(consumer, page)
            throw error
        }
        self.bytes = bytes
        self.use = use
        position = clx_load_acquire_64(consumer)
        released = position
    }

    deinit {
        clx_unmap(consumer, Self.pageBytes)
        clx_unmap(shared, Self.pageBytes + 2 * bytes)
    }

    /// Goes on where the consumer's position is now: somebody else may have read until then.
    public func follow() {
        position = clx_load_acquire_64(consumer)
        released = position
    }

    /// Whether something was handed out that was not given back.
    public var holds: Bool { position != released }

    /// The next record. Discarded ones are passed over.
    public func next() -> Item {
        while !isMalformed {
            let produced = clx_load_acquire_64(shared)
            guard produced != position else { return .none }
            let waiting = produced &- position
            guard waiting <= UInt64(bytes), waiting >= UInt64(Self.header) else { break }
            let word = clx_load_acquire_32(record)
            if word & Self.busy != 0 { return .busy }
            let count = Int(word & ~(Self.busy | Self.discarded))
            let size = (Self.header + count + 7) & ~7
            guard size <= Int(waiting) else { break }
            let content = UnsafeRawBufferPointer(start: record + Self.header, count: count)
            position &+= UInt64(size)
            if word & Self.discarded == 0 { return .record(Array(content)) }
        }
        isMalformed = true
        return .malformed
    }

    /// Gives the kernel back the room of all that `next` has passed.
    public func release() {
        guard use == .consuming, holds else { return }
        clx_store_release_64(consumer, position)
        released = position
    }

    private var record: UnsafeMutableRawPointer { shared + Self.pageBytes + Int(position & UInt64(bytes - 1)) }

    private static var pageBytes: Int { clx_page_size() }

    private static func map(_ number: Int32, at offset: Int, _ length: Int, isWritable: Bool) throws(Errno) -> UnsafeMutableRawPointer {
        var mapped: UnsafeMutableRawPointer?
        _ = try checked(clx_map_shared(number, UInt64(offset), length, isWritable ? 1 : 0, &mapped))
        guard let mapped else { throw .noMemory }
        return mapped
    }
}
