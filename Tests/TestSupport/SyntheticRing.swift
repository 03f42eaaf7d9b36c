import CLinux
public import Descriptors
import Glibc

/// A file laid out as the kernel lays out a ring buffer, with its data twice; the test plays the kernel.
public struct SyntheticRing: ~Copyable {
    public static let bytes = 4_096
    public let file: OwnedDescriptor
    public private(set) var produced: UInt64 = 0

    public init() throws {
        file = OwnedDescriptor(owning: clx_memfd_create("ring"))
        try file.writeWhole([UInt8](repeating: 0, count: 2 * clx_page_size() + 2 * Self.bytes))
    }

    private func put(_ content: some Collection<UInt8>, at offset: Int) {
        let content = Array(content)
        precondition(pwrite(file.number, content, content.count, offset) == content.count)
    }

    private func word(_ value: UInt64, bytes: Int) -> [UInt8] { (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) } }

    private func putData(_ content: [UInt8], at position: UInt64) {
        for (index, byte) in content.enumerated() {
            let place = Int((position + UInt64(index)) % UInt64(Self.bytes))
            for copy in [0, Self.bytes] { put([byte], at: 2 * clx_page_size() + copy + place) }
        }
    }

    /// A record with these flags; `length` as its header says it.
    public mutating func produce(_ content: [UInt8], flags: UInt64 = 0, length: Int? = nil) {
        putData(word(UInt64(length ?? content.count) | flags, bytes: 4) + [9, 9, 9, 9] + content, at: produced)
        produced += UInt64((content.count + 15) & ~7)
        setProducer(produced)
    }

    /// Makes the record at a position whole.
    public func commit(_ position: UInt64, count: Int) { putData(word(UInt64(count), bytes: 4), at: position) }

    public func setProducer(_ position: UInt64) { put(word(position, bytes: 8), at: clx_page_size()) }

    /// Lets both begin at a position, as if so much had been written and read.
    public mutating func begin(at position: UInt64) {
        produced = position
        setProducer(position)
        put(word(position, bytes: 8), at: 0)
    }

    public var consumed: UInt64 {
        get throws { try file.bytes(at: 0, count: 8).reversed().reduce(0) { $0 << 8 | UInt64($1) } }
    }
}
