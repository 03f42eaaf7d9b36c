/// How receipts commit to contents that they do not hold: HMAC-SHA-256 under the session's key, as `hmac-sha256:` and 64 hexadecimal digits.
///
/// | member of the body | the bytes that the code is of |
/// |---|---|
/// | `arguments` | the content in canonical JSON (RFC 8785), which begins with `{` |
/// | `content` | what is kept of `arguments` where the policy says `evidence.arguments: full`: the same with values masked |
/// | `responses` | the same, of the answers that a client gave to what a task asked for |
/// | `response` | `response`, a line feed, and the answer as the gate wrote it: the whole JSON-RPC message on one line, without its line feed |
///
/// What begins with a letter is never canonical JSON of an object, so that no content has the code of another kind of content.
public enum Commitment {
    public static let prefix: StaticString = "hmac-sha256:"
    /// Stands before an answer.
    public static let responseDomain: StaticString = "response\n"

    /// Which content of a receipt.
    public enum Subject: String, CaseIterable, Hashable, Sendable {
        case arguments, response
    }

    /// Why a content has no code.
    public enum Problem: Error, Hashable, Sendable {
        /// Not one strict JSON document.
        case notJSON
        /// A number that canonical JSON cannot carry: such arguments are never committed to, because they are not passed on.
        case notCanonical
    }
}
