/// The 32 bytes before each body, little-endian:
///
/// | offset | size | |
/// |---|---|---|
/// | 0 | 4 | `SBX` and the version, 1 |
/// | 4 | 4 | bytes of the body |
/// | 8 | 8 | number, from 1 |
/// | 16 | 8 | time, nanoseconds since 1970 |
/// | 24 | 4 | kind |
/// | 28 | 4 | CRC-32C of the 28 bytes before and of the body |
struct SpoolHeader {
    static let size = 32
    static let magic: UInt32 = 0x0158_4253

    let count: UInt32
    let number: UInt64
    let time: UInt64
    let kind: UInt32

    /// Writes the header for a body that follows it directly in `frame`, which begins at the header.
    func seal(_ frame: UnsafeMutableRawBufferPointer) {
        frame.storeBytes(of: Self.magic.littleEndian, toByteOffset: 0, as: UInt32.self)
        frame.storeBytes(of: count.littleEndian, toByteOffset: 4, as: UInt32.self)
        frame.storeBytes(of: number.littleEndian, toByteOffset: 8, as: UInt64.self)
        frame.storeBytes(of: time.littleEndian, toByteOffset: 16, as: UInt64.self)
        frame.storeBytes(of: kind.littleEndian, toByteOffset: 24, as: UInt32.self)
        frame.storeBytes(of: Self.checksum(UnsafeRawBufferPointer(frame)).littleEndian, toByteOffset: 28, as: UInt32.self)
    }

    /// Reads the fields of 32 bytes that begin with the magic; nil when they do not.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt32.self)) == Self.magic else { return nil }
        count = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        number = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        time = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
        kind = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 24, as: UInt32.self))
    }

    init(count: UInt32, number: UInt64, time: UInt64, kind: UInt32) {
        self.count = count
        self.number = number
        self.time = time
        self.kind = kind
    }

    /// Whether a whole frame is as it was written.
    static func isIntact(_ frame: UnsafeRawBufferPointer) -> Bool {
        UInt32(littleEndian: frame.loadUnaligned(fromByteOffset: 28, as: UInt32.self)) == checksum(frame)
    }

    private static func checksum(_ frame: UnsafeRawBufferPointer) -> UInt32 {
        let head = CRC32C.checksum(UnsafeRawBufferPointer(rebasing: frame[0..<28]))
        return CRC32C.checksum(UnsafeRawBufferPointer(rebasing: frame[size...]), after: head)
    }
}
