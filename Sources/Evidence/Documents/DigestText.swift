/// A digest as its 64 hexadecimal digits stand in a line, so that it is copied and compared without being decoded; or none.
struct DigestText: Hashable, Sendable {
    private var digits = SIMD64<UInt8>(repeating: 0)

    init() {}

    /// Digits that were judged.
    init(_ digits: UnsafeBufferPointer<UInt8>) {
        precondition(digits.count == 2 * Digest.size)
        self.digits = UnsafeRawBufferPointer(digits).loadUnaligned(as: SIMD64<UInt8>.self)
    }

    init(_ digest: Digest) {
        self = Array(digest.hex.utf8).withUnsafeBufferPointer { DigestText($0) }
    }

    var isNone: Bool { digits[0] == 0 }

    /// nil for none.
    var digest: Digest? {
        isNone ? nil : Digest(hex: String(decoding: (0..<64).map { digits[$0] }, as: UTF8.self))
    }

    /// Few bits that differ between most digests.
    var slot: Int { Int(digits[0] ^ digits[1] &<< 4 ^ digits[2] &<< 2) & (Self.slots - 1) }

    static let slots = 64
}
