/// The order of strings by UTF-16 code units, computed on UTF-8.
enum UTF16Order {
    /// Both are valid UTF-8. The orders differ in one thing: code points beyond the basic plane (lead bytes F0 to F4) are
    /// surrogate pairs in UTF-16, which sort before U+E000 (lead bytes EE and EF).
    static func precedes(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
        let shared = min(left.count, right.count)
        for index in 0..<shared where left[index] != right[index] {
            return rank(left[index]) < rank(right[index])
        }
        return left.count < right.count
    }

    @inline(__always)
    static func rank(_ byte: UInt8) -> UInt8 {
        switch byte {
        case 0xEE, 0xEF: byte + 0x10
        case 0xF0...: byte - 2
        default: byte
        }
    }
}
