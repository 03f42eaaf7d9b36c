/// FNV-1a. Names that collide only cost time, and who writes a policy chooses its names: a client cannot make the lists longer.
struct ByteHash: Sendable {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }

    init() {}

    init(_ bytes: some Sequence<UInt8>) { for byte in bytes { add(byte) } }

    /// A place in a table of `count` places, a power of two.
    func slot(of count: Int) -> Int { Int(truncatingIfNeeded: (value ^ value >> 32) & UInt64(count - 1)) }

    /// What tells most other names apart without looking at them.
    var tag: UInt32 { UInt32(truncatingIfNeeded: value >> 32) }
}
