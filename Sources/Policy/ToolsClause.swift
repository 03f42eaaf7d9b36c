/// Which tools may be called, and how.
public struct ToolsClause: Sendable, Hashable {
    /// What happens when no rule applies.
    public var `default`: Effect
    /// In file order; the order never decides between effects, only which rule is named.
    public var rules: [Rule]

    public init(default: Effect = .deny, rules: [Rule] = []) {
        self.default = `default`
        self.rules = rules
    }
}

/// One rule over tool calls.
public struct Rule: Sendable, Hashable {
    /// As written, or `rule-N` (from 1) where the policy names none. Unique in its policy.
    public var id: String
    /// Never empty; one of them must match.
    public var tools: [ToolPattern]
    public var effect: Effect
    /// A JSON Schema 2020-12 that the arguments must meet for the rule to apply.
    public var arguments: SchemaText?
    /// Told to model and human when the rule denies.
    public var reason: String?
    public var location: SourceLocation?

    public init(
        id: String, tools: [ToolPattern], effect: Effect, arguments: SchemaText? = nil, reason: String? = nil,
        location: SourceLocation? = nil
    ) {
        self.id = id
        self.tools = tools
        self.effect = effect
        self.arguments = arguments
        self.reason = reason
        self.location = location
    }
}

/// A JSON Schema as the bytes of its compact JSON: a value that `Decision` compiles.
public struct SchemaText: Sendable, Hashable {
    public var json: [UInt8]

    public init(json: [UInt8]) { self.json = json }
}
