/// Why bytes are not a JSON document that is accepted here, and where.
public struct JSONError: Error, Sendable, Hashable {
    /// Closed, so that a new kind breaks every place that explains one.
    public enum Kind: Sendable, Hashable, CaseIterable {
        case unexpectedEnd
        case unexpectedByte
        case trailingData
        case byteOrderMark
        case invalidUTF8
        /// A raw byte below 0x20 inside a string.
        case controlCharacter
        /// A tab, CR or LF between tokens where only spaces may stand.
        case forbiddenWhitespace
        case invalidEscape
        case loneSurrogate
        case invalidNumber
        case invalidLiteral
        /// The same name twice in one object, compared after unescaping, by bytes.
        case duplicateMember
        case tooDeep
        case tooManyMembers
        case tooLong
    }

    public let kind: Kind
    /// Bytes from the beginning.
    public let offset: Int

    public init(_ kind: Kind, at offset: Int) {
        self.kind = kind
        self.offset = offset
    }
}
