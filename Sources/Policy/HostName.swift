/// The name of a host as DNS carries it: labels of ASCII, lower case, no dot at the end. What some reader would take for an address is none.
public struct HostName: Sendable, Hashable {
    /// 1 to 253 characters.
    public let text: String

    /// A letter's case means nothing (RFC 4343). Letters, digits, `-` and `_`: names beyond ASCII are written as A-labels (RFC 5891).
    public init(_ bytes: some Collection<UInt8>) throws(NameProblem) {
        guard bytes.allSatisfy({ $0 < 0x80 }) else { throw .notASCII }
        let lower = bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        guard let last = lower.last else { throw .badLabel }
        guard last != UInt8(ascii: ".") else { throw .trailingDot }
        guard lower.count <= 253 else { throw .tooLong }
        let labels = lower.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard !Self.isOfAddress(labels[labels.count - 1]), !lower.contains(UInt8(ascii: ":")) else { throw .address }
        for label in labels {
            guard label.count <= 63 else { throw .tooLong }
            guard Self.isLabel(label) else { throw .badLabel }
        }
        text = String(decoding: lower, as: UTF8.self)
    }

    public init(_ text: String) throws(NameProblem) { try self.init(text.utf8) }

    /// Whether it has labels in front of the other's.
    public func isBelow(_ other: HostName) -> Bool {
        let (own, end) = (text.utf8, other.text.utf8)
        guard own.count > end.count + 1, own.suffix(end.count).elementsEqual(end) else { return false }
        return own.dropLast(end.count).last == UInt8(ascii: ".")
    }

    private static func isLabel(_ label: ArraySlice<UInt8>) -> Bool {
        let hyphen = UInt8(ascii: "-")
        guard let first = label.first, let last = label.last, first != hyphen, last != hyphen else { return false }
        return label.allSatisfy { isDigit($0) || isLetter($0) || $0 == hyphen || $0 == UInt8(ascii: "_") }
    }

    /// A name whose last label is a number, decimal or hexadecimal, is an address to some (URL Standard, "ends in a number"; inet_aton(3)).
    private static func isOfAddress(_ label: ArraySlice<UInt8>) -> Bool {
        if !label.isEmpty, label.allSatisfy(isDigit) { return true }
        guard label.starts(with: "0x".utf8) else { return false }
        return label.dropFirst(2).allSatisfy { isDigit($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
}

extension HostName: CustomStringConvertible {
    public var description: String { text }
}
