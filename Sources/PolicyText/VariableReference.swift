/// `${name}` at the beginning of a value, alone or followed by `/`; also as the path of a `file://` URI, and as what an act is done to.
struct VariableReference: Sendable {
    /// What stands before it: nothing, `file://`, or the words of an act.
    var prefix: String
    var name: String
    /// What follows, beginning with `/`, or nothing.
    var rest: String

    enum Reading: Sendable {
        case none
        case one(VariableReference)
        case wrong(VariableProblem, name: String)
    }

    private static let marker = Array("${".utf8)
    static let scheme = "file://"

    static func contains(_ text: String) -> Bool { firstMarker(in: Array(text.utf8)[...]) != nil }

    /// Reads the one variable that a value may have. In the `act` of a test it stands behind the verb.
    static func read(_ text: String, isAct: Bool = false) -> Reading {
        let bytes = Array(text.utf8)
        guard let start = firstMarker(in: bytes[...]) else { return .none }
        let tail = bytes[(start + 2)...]
        guard let close = tail.firstIndex(of: UInt8(ascii: "}")) else { return .wrong(.malformed, name: "") }
        let name = String(decoding: tail[..<close], as: UTF8.self)
        guard isName(name) else { return .wrong(.malformed, name: name) }
        let prefix = String(decoding: bytes[..<start], as: UTF8.self)
        let rest = bytes[(close + 1)...]
        let isWell = prefix.isEmpty || prefix.utf8.elementsEqual(scheme.utf8) || isAct && endsWords(prefix)
        guard isWell, endsOrSlash(rest), firstMarker(in: rest) == nil else { return .wrong(.misplaced, name: name) }
        return .one(VariableReference(prefix: prefix, name: name, rest: String(decoding: rest, as: UTF8.self)))
    }

    /// Letters, digits, `-` and `_`, beginning with a letter.
    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, isLetter(first), text.utf8.count <= 64 else { return false }
        return text.utf8.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
    }

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }

    /// `read `, `send udp `, `connect unix:`
    private static func endsWords(_ prefix: String) -> Bool {
        prefix.utf8.last == UInt8(ascii: " ") || prefix.utf8.elementsEqual("connect unix:".utf8)
    }

    /// The one `?` of an optional path may follow directly.
    private static func endsOrSlash(_ rest: ArraySlice<UInt8>) -> Bool {
        rest.isEmpty || rest.first == UInt8(ascii: "/") || rest.elementsEqual("?".utf8)
    }

    private static func firstMarker(in bytes: ArraySlice<UInt8>) -> Int? {
        guard bytes.count >= 2 else { return nil }
        return bytes.indices.dropLast().first { bytes[$0..<($0 + 2)].elementsEqual(marker) }
    }
}
