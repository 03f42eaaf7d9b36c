/// A digest as its 64 hexadecimal digits stand in a line, so that it is copied and compared without being decoded; or none.
struct DigestText: Hashable, Sendable {
    /// Eight digits a word: words are compared at once, where sixty-four bytes are compared one by one.
    private var digits = SIMD8<UInt64>(repeating: 0)

    init() {}

    /// Digits that were judged.
    init(_ digits: UnsafeBufferPointer<UInt8>) {
        precondition(digits.count == 2 * Digest.size)
        self.digits = UnsafeRawBufferPointer(digits).loadUnaligned(as: SIMD8<UInt64>.self)
    }

    init(_ digest: Digest) {
        self = Array(digest.hex.utf8).withUnsafeBufferPointer { DigestText($0) }
    }

    static func == (one: DigestText, other: DigestText) -> Bool {
        let difference = one.digits ^ other.digits
        let pairs = difference.lowHalf | difference.highHalf
        let quarters = pairs.lowHalf | pairs.highHalf
        return quarters[0] | quarters[1] == 0
    }

    var isNone: Bool { digits[0] == 0 }

    /// nil for none.
    var digest: Digest? {
        isNone ? nil : withUnsafeBytes(of: digits) { Digest(hex: String(decoding: $0, as: UTF8.self)) }
    }

    /// Few bits that differ between most digests.
    var slot: Int { Int(truncatingIfNeeded: digits[0] ^ digits[0] &>> 4 ^ digits[0] &>> 14) & (Self.slots - 1) }

    static let slots = 64
}
