/// Why bytes are not a JSON document that is accepted here, and where.
public struct JSONError: Error, Sendable, Hashable {
    /// Closed, so that a new kind breaks every place that explains one.
    /// The raw value says it in words.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case unexpectedEnd = "it ends too early"
        case unexpectedByte = "an unexpected byte"
        case trailingData = "something after the value"
        case byteOrderMark = "a byte order mark"
        case invalidUTF8 = "no UTF-8"
        /// A raw byte below 0x20 inside a string.
        case controlCharacter = "a raw control character"
        /// A tab, CR or LF between tokens where only spaces may stand.
        case forbiddenWhitespace = "whitespace other than a space"
        case invalidEscape = "an escape that does not exist"
        case loneSurrogate = "half of a surrogate pair"
        case invalidNumber = "no number"
        case invalidLiteral = "neither `true`, `false` nor `null`"
        /// The same name twice in one object, compared after unescaping, by bytes.
        case duplicateMember = "a name that stands twice in one object"
        case tooDeep = "too deep"
        case tooManyMembers = "too many values"
        case tooLong = "too long"
    }

    public let kind: Kind
    /// Bytes from the beginning.
    public let offset: Int

    public init(_ kind: Kind, at offset: Int) {
        self.kind = kind
        self.offset = offset
    }
}
