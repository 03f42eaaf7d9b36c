/// Messages that are no tool calls. `nil`: the clause is absent; a policy then denies them, a layer says nothing of them.
public struct MessagesClause: Sendable, Hashable {
    /// URIs that may be read and subscribed to.
    public var resources: Located<PatternGrant>?
    /// Names of prompts.
    public var prompts: Located<PatternGrant>?
    public var sampling: Located<Effect>?
    public var elicitation: Located<Effect>?
    public var roots: Located<Effect>?

    public init(
        resources: Located<PatternGrant>? = nil, prompts: Located<PatternGrant>? = nil, sampling: Located<Effect>? = nil,
        elicitation: Located<Effect>? = nil, roots: Located<Effect>? = nil
    ) {
        self.resources = resources
        self.prompts = prompts
        self.sampling = sampling
        self.elicitation = elicitation
        self.roots = roots
    }

    /// Something is asked about of what servers ask clients for.
    public var asks: Bool { [sampling, elicitation, roots].contains { $0?.value == .ask } }
}

/// Names or URIs, by patterns in which `*` is any run of bytes.
public enum PatternGrant: Sendable, Hashable {
    case none
    /// Never empty.
    case patterns([ToolPattern])
}
