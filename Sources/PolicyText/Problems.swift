/// Why a variable cannot stand where it stands: the fact `problem` of `R115`.
public enum VariableProblem: String, Sendable, Hashable, CaseIterable {
    /// No such variable, and no such input.
    case unknown
    /// `${` without a name and `}`.
    case malformed
    /// Neither the whole value nor the beginning of a path.
    case misplaced
    /// The variable exists and has no value here (no runtime directory, no command whose directory it would be).
    case unset
    /// The command, or the default of an input, is made of what is made of it.
    case circular
}

/// Why an input has no value: the fact `problem` of `R116`.
public enum InputProblem: String, Sendable, Hashable, CaseIterable {
    /// Its default is null and no value was given.
    case missing
    /// A value was given for an input that the policy does not declare.
    case undeclared
    /// The name of a variable that always exists, or no name at all.
    case badName
}

/// Why a document cannot be included: the fact `problem` of `R117`.
public enum IncludeProblem: String, Sendable, Hashable, CaseIterable {
    case notFound, circular
}

/// Why a text is not a path: the fact `problem` of `R123`.
public enum PathProblem: String, Sendable, Hashable, CaseIterable {
    case notAbsolute
    /// `*`, `?` or `[`: paths are no patterns. One trailing `?` is not part of the path where grants are listed.
    case pattern
    /// A value that ends in `?` would read as an optional path.
    case endsInQuestionMark
}

/// Why a text is not a pattern over tool names: the fact `problem` of `R113`.
public enum PatternProblem: String, Sendable, Hashable, CaseIterable {
    /// `?`, `[`, `]`, `{` and `}` mean nothing here; only `*` stands for more than itself.
    case unknownWildcard
    /// A URI without a scheme.
    case noScheme
    /// A variable's value has a `*`: a value is data, and a pattern has no way to write that.
    case wildcardInValue
}

/// Why the keys of a mapping do not go together: the fact `problem` of `R125`.
public enum CombinationProblem: String, Sendable, Hashable, CaseIterable {
    /// A condition with none of `all`, `any`, `not` and `argument`.
    case noForm
    /// A condition with more than one of them.
    case severalForms
    /// What is asked of an argument, and no argument.
    case operatorWithoutArgument
    /// An argument, or the elements of one, of which nothing is asked.
    case noOperator
    /// A test of both, or of neither.
    case callAndAct, neitherCallNorAct
}

/// Why a key of policies has no place in a layer: the fact `problem` of `R127`.
public enum LayerKeyProblem: String, Sendable, Hashable, CaseIterable {
    /// The key that makes a document a policy.
    case policy
    /// It is about the document itself: a layer is one document, for every session alike.
    case ownDocument
    /// It says what is started, and a layer only takes away.
    case server
}
