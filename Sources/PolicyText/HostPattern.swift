import Policy

/// What `host_in` takes: names, names behind `*.`, addresses and networks.
enum HostPattern {
    static func isOne(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        if bytes.starts(with: "*.".utf8) { return isName(bytes.dropFirst(2)) }
        return isName(bytes[...]) || isNetwork(text)
    }

    /// Labels of letters, digits, `-` and `_`; a last one of digits only is part of an address.
    private static func isName(_ bytes: ArraySlice<UInt8>) -> Bool {
        let labels = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard bytes.count <= 253, let last = labels.last, !last.allSatisfy(isDigit) else { return false }
        return labels.allSatisfy { (1...63).contains($0.count) && $0.allSatisfy(isOfLabel) }
    }

    /// An address, or one and how many bits of it count, the others zero.
    private static func isNetwork(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(String(decoding: parts[0], as: UTF8.self)), address == address.unmapped else { return false }
        guard parts.count == 2 else { return true }
        let digits = String(decoding: parts[1], as: UTF8.self)
        guard digits.utf8.allSatisfy(isDigit), let prefix = Int(digits), "\(prefix)".utf8.elementsEqual(digits.utf8) else { return false }
        return prefix <= address.width && address.masked(to: prefix) == address
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isOfLabel(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: "_")
    }
}
