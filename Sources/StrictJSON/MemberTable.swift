/// The member names of one document by container and hash, so that a duplicate is found in constant time. Entries of earlier
/// documents are told apart by a generation and need no clearing.
struct MemberTable {
    struct Slot {
        var generation: UInt32
        var entry: UInt32
        var container: UInt32
        var hash: UInt32
    }

    private var slots = Array(repeating: Slot(generation: 0, entry: 0, container: 0, hash: 0), count: Self.usual)
    private var generation: UInt32 = 0
    private var count = 0
    /// Secret, so that nobody can choose names that collide.
    private let seed: UInt64

    private static let usual = 256

    init(seed: UInt64) { self.seed = seed }

    mutating func reset() {
        count = 0
        if slots.count > Self.usual * 16 || generation == .max { self = MemberTable(seed: seed) }
        generation += 1
    }

    /// Where to look first for a name of that hash.
    @inline(__always)
    func start(_ hash: UInt32, _ container: UInt32) -> Int {
        Int(truncatingIfNeeded: hash ^ (container &* 0x9E37_79B9)) & (slots.count - 1)
    }

    /// The next candidate at or after `position`, or nil at the first free slot, which `position` is then at.
    @inline(__always)
    func candidate(_ hash: UInt32, _ container: UInt32, at position: inout Int) -> UInt32? {
        while true {
            let slot = slots[position]
            guard slot.generation == generation else { return nil }
            if slot.hash == hash, slot.container == container { return slot.entry }
            position = (position + 1) & (slots.count - 1)
        }
    }

    @inline(__always)
    func following(_ position: Int) -> Int { (position + 1) & (slots.count - 1) }

    @inline(__always)
    mutating func insert(_ entry: UInt32, _ hash: UInt32, _ container: UInt32, at position: Int) {
        slots[position] = Slot(generation: generation, entry: entry, container: container, hash: hash)
        count += 1
        if count * 2 > slots.count { grow() }
    }

    private mutating func grow() {
        let old = slots
        slots = Array(repeating: Slot(generation: 0, entry: 0, container: 0, hash: 0), count: old.count * 2)
        for slot in old where slot.generation == generation {
            var position = start(slot.hash, slot.container)
            while slots[position].generation == generation { position = following(position) }
            slots[position] = slot
        }
    }

    /// A keyed hash of a name, by folded multiplication of eight bytes at a time.
    @inline(__always)
    func hash(_ bytes: RawSpan) -> UInt32 {
        var state = seed ^ UInt64(truncatingIfNeeded: bytes.byteCount)
        var at = 0
        while at + 8 <= bytes.byteCount {
            state = Self.fold(state ^ bytes.word(at))
            at += 8
        }
        var tail: UInt64 = 0
        while at < bytes.byteCount {
            tail = tail << 8 | UInt64(bytes.byte(at))
            at += 1
        }
        state = Self.fold(Self.fold(state ^ tail) ^ seed)
        return UInt32(truncatingIfNeeded: state)
    }

    @inline(__always)
    private static func fold(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low
    }
}

extension RawSpan {
    /// Eight bytes, the first one lowest; traps when they are out of bounds.
    @inline(__always)
    func word(_ offset: Int) -> UInt64 {
        UInt64(littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// One byte; traps when it is out of bounds.
    @inline(__always)
    func byte(_ offset: Int) -> UInt8 {
        unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }
}
