/// CRC-32C (Castagnoli; RFC 3720 appendix B.4), eight bytes a step. Finds torn and damaged frames; it is no protection against intent.
enum CRC32C {
    /// Eight tables of 256: table k holds the effect of a byte that k more bytes follow.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var value = UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
            tables[byte] = value
        }
        for index in 256..<8 * 256 {
            let previous = tables[index - 256]
            tables[index] = previous >> 8 ^ tables[Int(previous & 255)]
        }
        return tables
    }()

    /// Continues from the checksum of what came before (0 at the beginning).
    static func checksum(_ bytes: UnsafeRawBufferPointer, after previous: UInt32 = 0) -> UInt32 {
        tables.withUnsafeBufferPointer { tables in
            var value = ~previous
            var index = 0
            while index + 8 <= bytes.count {
                value = step(bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self).littleEndian ^ UInt64(value), tables)
                index += 8
            }
            while index < bytes.count {
                value = value >> 8 ^ tables[Int((value ^ UInt32(bytes[index])) & 255)]
                index += 1
            }
            return ~value
        }
    }

    @inline(__always)
    private static func step(_ word: UInt64, _ tables: UnsafeBufferPointer<UInt32>) -> UInt32 {
        var value: UInt32 = 0
        for position in 0..<8 {
            value ^= tables[(7 - position) << 8 | Int(word >> UInt64(8 * position) & 255)]
        }
        return value
    }
}
