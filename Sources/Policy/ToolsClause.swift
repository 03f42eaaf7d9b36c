/// Which tools may be called, and how.
public struct ToolsClause: Sendable, Hashable {
    public enum Pins: String, Sendable, Hashable, CaseIterable {
        case firstSeen = "first-seen"
        case required
    }

    /// What happens when no rule applies. `nil`: absent; a policy then denies, a layer has no opinion.
    public var `default`: Effect?
    public var pins: Located<Pins>?
    /// In file order; the order never decides between effects, only which rule is named.
    public var rules: [Rule]

    public init(default: Effect? = nil, pins: Located<Pins>? = nil, rules: [Rule] = []) {
        self.default = `default`
        self.pins = pins
        self.rules = rules
    }

    /// Some calls wait for a person.
    public var asks: Bool { `default` == .ask || rules.contains { $0.effect == .ask } }
}

/// One rule over tool calls. It applies when its tool pattern, its `arguments` and its `when` hold.
public struct Rule: Sendable, Hashable {
    /// As written, or `rule-N` (from 1) where the policy names none. Unique in its policy.
    public var id: String
    /// Never empty; one of them must match.
    public var tools: [ToolPattern]
    public var effect: Effect
    /// A JSON Schema 2020-12 that the arguments must meet.
    public var arguments: JSONText?
    public var when: Condition?
    public var limit: CallLimit?
    public var budget: Budget?
    /// What is masked before the server sees it: a value there becomes the string `[redacted]`. Never the empty pointer.
    public var redact: [JSONPointer]
    /// Told to model and human when the rule denies or asks.
    public var reason: String?
    /// Copied into receipts, sorted by name; of rules that give one name several values, each value.
    public var labels: [Label]
    /// A denied tool answers as if it did not exist.
    public var isHidden: Bool
    public var location: SourceLocation?

    public struct Label: Sendable, Hashable {
        public var name: String
        public var value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    public init(
        id: String, tools: [ToolPattern], effect: Effect, arguments: JSONText? = nil, when: Condition? = nil, limit: CallLimit? = nil,
        budget: Budget? = nil, redact: [JSONPointer] = [], reason: String? = nil, labels: [Label] = [], isHidden: Bool = false,
        location: SourceLocation? = nil
    ) {
        self.id = id
        self.tools = tools
        self.effect = effect
        self.arguments = arguments
        self.when = when
        self.limit = limit
        self.budget = budget
        self.redact = redact
        self.reason = reason
        self.labels = labels
        self.isHidden = isHidden
        self.location = location
    }
}

/// A JSON value as the bytes of its compact form: what `Decision` compiles.
public struct JSONText: Sendable, Hashable {
    public var json: [UInt8]

    public init(json: [UInt8]) { self.json = json }
}
