/// Why a JSON Schema is not one that can be enforced, and where.
public struct SchemaProblem: Error, Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        /// Not strict JSON.
        case notJSON
        /// Neither an object nor a boolean.
        case notSchema
        /// A keyword that is unknown or not built.
        case unsupportedKeyword(String)
        /// The keyword's value has not the form that it must have.
        case badValue(keyword: String)
        /// A regular expression that is wrong, or that RE2 cannot express; `why` is RE2's word or ours.
        case badPattern(why: String)
        /// The patterns up to this one are too large together.
        case patternsTooLarge
        /// A format that is not checked.
        case unsupportedFormat(String)
        /// `$ref` names no schema of this document.
        case unresolvedReference(String)
        /// `$ref` leads back to where it stands before anything of the value was consumed.
        case endlessReference(String)
        case tooDeep
    }

    public let kind: Kind
    /// A JSON Pointer into the schema; empty for the whole.
    public let pointer: String

    public init(_ kind: Kind, at pointer: String) {
        self.kind = kind
        self.pointer = pointer
    }
}
