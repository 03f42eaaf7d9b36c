/// The head of an HTTP/1 request (RFC 9112), read in one way or not at all: lines end in CRLF, names stand at the colon, nothing is folded.
struct RequestHead: Sendable, Hashable {
    struct Field: Sendable, Hashable {
        /// Lower case.
        var name: String
        var value: ArraySlice<UInt8>
    }

    var method: String
    var target: ArraySlice<UInt8>
    /// Of HTTP/1.
    var minorVersion: Int
    var fields: [Field]

    static let longest = 32 << 10
    private static let mostFields = 128

    /// How long the head is, its empty line included; `nil` while it is not there. A line feed alone ends no line.
    static func end(in bytes: ArraySlice<UInt8>, from start: Int) -> Int? {
        let end: [UInt8] = [13, 10, 13, 10]
        var at = max(bytes.startIndex, start - 3)
        while at + 4 <= bytes.endIndex {
            if bytes[at] == 13, bytes[at..<(at + 4)].elementsEqual(end) { return at + 4 }
            at += 1
        }
        return nil
    }

    /// Reads a whole head, with the empty line at its end.
    init(_ bytes: ArraySlice<UInt8>) throws(ProxyRefusal) {
        var lines = try Self.lines(bytes.dropLast(4))
        guard !lines.isEmpty, lines.count <= Self.mostFields + 1 else { throw .malformed }
        let words = lines.removeFirst().split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard words.count == 3, !words[0].isEmpty, words[0].allSatisfy(Self.isOfToken), !words[1].isEmpty,
            words[1].allSatisfy({ (0x21...0x7e).contains($0) })
        else { throw .malformed }
        guard let version = [Array("HTTP/1.0".utf8), Array("HTTP/1.1".utf8)].firstIndex(where: words[2].elementsEqual) else {
            throw words[2].starts(with: "HTTP/".utf8) ? .unsupported : .malformed
        }
        (method, target, minorVersion) = (String(decoding: words[0], as: UTF8.self), words[1], version)
        var fields: [Field] = []
        for line in lines { fields.append(try Self.field(line)) }
        self.fields = fields
    }

    /// All values of a field.
    func values(_ name: String) -> [ArraySlice<UInt8>] { fields.filter { $0.name == name }.map(\.value) }

    // MARK: Reading

    /// Split at CRLF; either half elsewhere, and any other control character but the tab, is no head.
    private static func lines(_ bytes: ArraySlice<UInt8>) throws(ProxyRefusal) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = bytes.startIndex, at = bytes.startIndex
        while at < bytes.endIndex {
            let byte = bytes[at]
            if byte == 13 {
                guard at + 1 < bytes.endIndex, bytes[at + 1] == 10 else { throw .malformed }
                lines.append(bytes[start..<at])
                at += 2
                start = at
                continue
            }
            guard byte == 9 || byte >= 0x20, byte != 0x7f else { throw .malformed }
            at += 1
        }
        lines.append(bytes[start...])
        return lines
    }

    private static func field(_ line: ArraySlice<UInt8>) throws(ProxyRefusal) -> Field {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { throw .malformed }
        let name = line[..<colon]
        guard !name.isEmpty, name.allSatisfy(isOfToken) else { throw .malformed }
        let lower = name.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        return Field(name: String(decoding: lower, as: UTF8.self), value: trimmed(line[(colon + 1)...]))
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let isBlank = { (byte: UInt8) in byte == 32 || byte == 9 }
        var rest = bytes.drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return rest
    }

    /// `tchar` of RFC 9110 section 5.6.2.
    static func isOfToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E...0x60, 0x7C, 0x7E: true
        default: false
        }
    }
}
