/// Which bytes may stand between tokens.
public enum JSONWhitespace: Sendable, Hashable {
    /// Space, tab, LF and CR, as RFC 8259 says.
    case rfc8259
    /// Only spaces. A raw CR is the end of a line for readers in universal-newline mode, so a line of JSON that carries one
    /// can be read as several messages.
    case spacesOnly
}
