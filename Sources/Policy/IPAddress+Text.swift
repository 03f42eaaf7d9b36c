extension IPAddress {
    /// Reads `192.0.2.1` or `2001:db8::1` (RFC 4291; the dotted tail too). No zone, no leading zeros in IPv4, no brackets.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        if bytes.contains(UInt8(ascii: ":")) {
            guard let value = Self.readV6(bytes[...]) else { return nil }
            self = value
        } else {
            guard let value = Self.readV4(bytes[...]) else { return nil }
            self = .v4(value)
        }
    }

    static func readV4(_ bytes: ArraySlice<UInt8>) -> UInt32? {
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard let octet = readDecimal(part, upTo: 255) else { return nil }
            value = value << 8 | UInt32(octet)
        }
        return value
    }

    /// A decimal number without sign or leading zero.
    static func readDecimal(_ bytes: ArraySlice<UInt8>, upTo limit: Int) -> Int? {
        guard let first = bytes.first, bytes.count <= 6, bytes.count == 1 || first != UInt8(ascii: "0") else { return nil }
        var value = 0
        for byte in bytes {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return value <= limit ? value : nil
    }

    private static func readV6(_ bytes: ArraySlice<UInt8>) -> IPAddress? {
        guard let gap = doubleColon(in: bytes) else {
            guard let groups = groups(of: bytes), groups.count == 8 else { return nil }
            return v6(groups)
        }
        guard doubleColon(in: bytes[(gap + 1)...]) == nil,
            let head = groups(of: bytes[..<gap], mayBeDotted: false), let tail = groups(of: bytes[(gap + 2)...]),
            head.count + tail.count <= 7
        else { return nil }
        return v6(head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail)
    }

    private static func doubleColon(in bytes: ArraySlice<UInt8>) -> Int? {
        bytes.indices.first {
            bytes[$0] == UInt8(ascii: ":") && bytes.index(after: $0) < bytes.endIndex && bytes[$0 + 1] == UInt8(ascii: ":")
        }
    }

    private static func groups(of bytes: ArraySlice<UInt8>, mayBeDotted: Bool = true) -> [UInt16]? {
        if bytes.isEmpty { return [] }
        let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if part.contains(UInt8(ascii: ".")) {
                guard mayBeDotted, index == parts.count - 1, let dotted = readV4(part) else { return nil }
                groups += [UInt16(dotted >> 16), UInt16(truncatingIfNeeded: dotted)]
            } else {
                guard let group = readHexGroup(part) else { return nil }
                groups.append(group)
            }
        }
        return groups
    }

    private static func readHexGroup(_ bytes: ArraySlice<UInt8>) -> UInt16? {
        guard (1...4).contains(bytes.count) else { return nil }
        var value: UInt16 = 0
        for byte in bytes {
            guard let digit = hexDigit(byte) else { return nil }
            value = value << 4 | digit
        }
        return value
    }

    private static func hexDigit(_ byte: UInt8) -> UInt16? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    private static func v6(_ groups: [UInt16]) -> IPAddress {
        let value = { (part: ArraySlice<UInt16>) in part.reduce(UInt64(0)) { $0 << 16 | UInt64($1) } }
        return .v6(high: value(groups[0..<4]), low: value(groups[4..<8]))
    }
}

extension IPAddress: CustomStringConvertible {
    /// Dotted decimal, or RFC 5952.
    public var description: String {
        switch self {
        case .v4(let value): (0..<4).map { String(value >> (24 - 8 * UInt32($0)) & 0xff) }.joined(separator: ".")
        case .v6(let high, let low): Self.describe(groups: Self.groups(high) + Self.groups(low))
        }
    }

    private static func groups(_ value: UInt64) -> [UInt16] {
        (0..<4).map { UInt16(truncatingIfNeeded: value >> (48 - 16 * UInt64($0))) }
    }

    private static func describe(groups: [UInt16]) -> String {
        guard let run = longestZeroRun(groups), run.count >= 2 else { return hex(groups[...]) }
        return hex(groups[..<run.lowerBound]) + "::" + hex(groups[run.upperBound...])
    }

    private static func hex(_ groups: ArraySlice<UInt16>) -> String {
        groups.map { String($0, radix: 16) }.joined(separator: ":")
    }

    private static func longestZeroRun(_ groups: [UInt16]) -> Range<Int>? {
        var best: Range<Int>?
        var start = 0
        while start < groups.count {
            let end = groups[start...].firstIndex { $0 != 0 } ?? groups.count
            if end > start, end - start > (best?.count ?? 0) { best = start..<end }
            start = max(end, start + 1)
        }
        return best
    }
}
