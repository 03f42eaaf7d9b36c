import Glibc

/// Recognises the common part of canonical JSON (RFC 8785) in one pass, without building anything: verifying a log is mostly this.
///
/// INVARIANT: what it accepts is canonical JSON to the strict reader as well; what it does not accept may still be: ask that one. (It gives
/// up at bytes beyond ASCII, rare escapes, fractions and numbers of more than 15 digits.)
struct CanonicalScan {
    private let bytes: UnsafePointer<UInt8>
    private let count: Int
    private(set) var at = 0

    private static let depthLimit = 60
    /// Below this size not even the densest document has more nodes than the strict reader takes.
    private static let sizeLimit = 128 << 10

    /// nil for what is better read by the strict reader alone.
    init?(_ line: UnsafeRawBufferPointer) {
        guard let start = line.bindMemory(to: UInt8.self).baseAddress, line.count <= Self.sizeLimit else { return nil }
        bytes = start
        count = line.count
    }

    var isAtEnd: Bool { at == count }

    /// Passes over exactly this text, or stays.
    mutating func take(_ text: StaticString) -> Bool {
        guard count - at >= text.utf8CodeUnitCount, memcmp(bytes + at, text.utf8Start, text.utf8CodeUnitCount) == 0 else { return false }
        at += text.utf8CodeUnitCount
        return true
    }

    /// Passes over an object.
    mutating func takeObject() -> Bool {
        at < count && bytes[at] == UInt8(ascii: "{") && takeValue(depth: 1)
    }

    /// Passes over a count without sign: its value.
    mutating func takeCount() -> UInt64? {
        let start = at
        guard takeNumber(), bytes[start] != UInt8(ascii: "-") else { return nil }
        var value: UInt64 = 0
        for index in start..<at { value = value * 10 + UInt64(bytes[index] - 0x30) }
        return value
    }

    /// Passes over a string without escapes: its bytes.
    mutating func takePlainString() -> UnsafeBufferPointer<UInt8>? {
        let start = at + 1
        guard at < count, bytes[at] == UInt8(ascii: "\"") else { return nil }
        guard let end = plainEnd(from: start), bytes[end] == UInt8(ascii: "\"") else { return nil }
        at = end + 1
        return UnsafeBufferPointer(start: bytes + start, count: end - start)
    }

    /// Passes over so many bytes between quotes, which the caller judges: any may be among them.
    mutating func takeQuoted(_ length: Int) -> UnsafeBufferPointer<UInt8>? {
        guard count - at >= length + 2, bytes[at] == UInt8(ascii: "\""), bytes[at + length + 1] == UInt8(ascii: "\"") else { return nil }
        at += length + 2
        return UnsafeBufferPointer(start: bytes + at - length - 1, count: length)
    }

    private mutating func takeValue(depth: Int) -> Bool {
        guard at < count, depth < Self.depthLimit else { return false }
        switch bytes[at] {
        case UInt8(ascii: "\""): return takeString()
        case UInt8(ascii: "{"): return takeMembers(depth)
        case UInt8(ascii: "["): return takeElements(depth)
        case UInt8(ascii: "t"): return take("true")
        case UInt8(ascii: "f"): return take("false")
        case UInt8(ascii: "n"): return take("null")
        default: return takeNumber()
        }
    }

    private mutating func takeMembers(_ depth: Int) -> Bool {
        at += 1
        if take("}") { return true }
        var previous: UnsafeBufferPointer<UInt8>?
        while true {
            guard let name = takePlainString(), take(":") else { return false }
            if let previous, !Self.precedes(previous, name) { return false }
            previous = name
            guard takeValue(depth: depth + 1), at < count else { return false }
            at += 1
            if bytes[at - 1] == UInt8(ascii: "}") { return true }
            if bytes[at - 1] != UInt8(ascii: ",") { return false }
        }
    }

    private mutating func takeElements(_ depth: Int) -> Bool {
        at += 1
        if take("]") { return true }
        while true {
            guard takeValue(depth: depth + 1), at < count else { return false }
            at += 1
            if bytes[at - 1] == UInt8(ascii: "]") { return true }
            if bytes[at - 1] != UInt8(ascii: ",") { return false }
        }
    }

    private mutating func takeString() -> Bool {
        at += 1
        while let end = plainEnd(from: at) {
            at = end + 1
            if bytes[end] == UInt8(ascii: "\"") { return true }
            guard bytes[end] == UInt8(ascii: "\\"), at < count else { return false }
            switch bytes[at] {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "n"), UInt8(ascii: "t"), UInt8(ascii: "r"): at += 1
            default: return false
            }
        }
        return false
    }

    /// 0, or up to 15 digits without a leading zero, with a sign or without.
    private mutating func takeNumber() -> Bool {
        var index = at
        if index < count, bytes[index] == UInt8(ascii: "-") { index += 1 }
        let first = index
        while index < count, bytes[index] &- 0x30 < 10 { index += 1 }
        let digits = index - first
        guard (1...15).contains(digits), bytes[first] != 0x30 || (digits == 1 && first == at) else { return false }
        if index < count, bytes[index] == UInt8(ascii: ".") || bytes[index] | 0x20 == UInt8(ascii: "e") { return false }
        at = index
        return true
    }

    /// Where the run of plain ASCII ends: at a quote, a backslash, a control character or a byte beyond ASCII; nil at the end of the line.
    private func plainEnd(from start: Int) -> Int? {
        var index = start
        while index + 8 <= count {
            let ends = Self.ends(UnsafeRawPointer(bytes + index).loadUnaligned(as: UInt64.self))
            if ends != 0 { return index + ends.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < count {
            let byte = bytes[index]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte >= 0x80 { return index }
            index += 1
        }
        return nil
    }

    /// Which of eight bytes end a run: the borrow of each subtraction shows in that byte's high bit. A borrow goes on into later bytes, so that
    /// only the first that is shown is sure; it is at the lowest address, since the word is little-endian on both architectures.
    @inline(__always)
    private static func ends(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quote = word ^ ones &* 0x22
        let backslash = word ^ ones &* 0x5C
        let control = (word &- ones &* 0x20) & ~word
        return (word | control | (quote &- ones) & ~quote | (backslash &- ones) & ~backslash) & 0x8080_8080_8080_8080
    }

    /// By bytes, which for ASCII is the order of UTF-16 code units.
    private static func precedes(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let leftStart = left.baseAddress, let rightStart = right.baseAddress else { return false }
        let order = memcmp(leftStart, rightStart, min(left.count, right.count))
        return order < 0 || (order == 0 && left.count < right.count)
    }
}
