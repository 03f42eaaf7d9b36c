public import Policy

/// Why a condition is not one that can be judged.
public struct ConditionProblem: Error, Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        /// `all`, `any`, `in`, `inside`, `host_in`, `each` or the operators of an argument without anything in it.
        case empty
        /// A value that is not strict JSON.
        case notJSON
        /// A bound that is no number.
        case notNumber(String)
        /// A number that not every program reads alike.
        case inexactNumber(String)
        /// A regular expression that RE2 refuses; `why` is its word.
        case badPattern(String, why: String)
        /// A path that is not absolute where no directory is known, or that programs take differently.
        case badPath(String)
        /// Neither a name, `*.` and a name, an address nor a network.
        case badHost(String)
        case tooDeep
    }

    public let kind: Kind
    /// What the operator is asked of; `nil` where none is concerned.
    public let argument: JSONPointer?

    public init(_ kind: Kind, of argument: JSONPointer? = nil) {
        self.kind = kind
        self.argument = argument
    }
}
