public import Policy
public import StrictJSON

/// Why JSON is not a messages section as `MessagesClause.json` writes it.
public struct MessagesClauseProblem: Error, Sendable, Hashable {
    /// The member that is wrong.
    public let member: String

    public init(_ member: String) { self.member = member }
}

/// How the gate is told the messages section. Source locations stay behind.
extension MessagesClause {
    /// What is absent is `null`: to a layer it means that it says nothing.
    public var json: JSON {
        [
            "resources": Self.json(resources), "prompts": Self.json(prompts), "sampling": Self.json(sampling),
            "elicitation": Self.json(elicitation), "roots": Self.json(roots),
        ]
    }

    /// Reads what `json` wrote; anything else is an error.
    public init(json: JSON) throws(MessagesClauseProblem) {
        guard json.object?.count == MessageKind.allCases.count else { throw MessagesClauseProblem("") }
        self.init(
            resources: try Self.grant(json, .resources), prompts: try Self.grant(json, .prompts),
            sampling: try Self.effect(json, .sampling),
            elicitation: try Self.effect(json, .elicitation), roots: try Self.effect(json, .roots))
    }

    private static let place = SourceLocation(file: "start", line: 1, column: 1)

    private static func json(_ grant: Located<PatternGrant>?) -> JSON {
        switch grant?.value {
        case nil: .null
        case .some(.none): .array([])
        case .patterns(let patterns)?: .array(patterns.map { .string($0.text) })
        }
    }

    private static func json(_ effect: Located<Effect>?) -> JSON { effect.map { .string($0.value.rawValue) } ?? .null }

    private static func grant(_ json: JSON, _ kind: MessageKind) throws(MessagesClauseProblem) -> Located<PatternGrant>? {
        guard let value = json[kind.rawValue] else { throw MessagesClauseProblem(kind.rawValue) }
        if value.isNull { return nil }
        guard let items = value.array else { throw MessagesClauseProblem(kind.rawValue) }
        let patterns = items.compactMap { $0.string.flatMap { ToolPattern($0) } }
        guard patterns.count == items.count else { throw MessagesClauseProblem(kind.rawValue) }
        return Located(patterns.isEmpty ? .none : .patterns(patterns), at: place)
    }

    private static func effect(_ json: JSON, _ kind: MessageKind) throws(MessagesClauseProblem) -> Located<Effect>? {
        guard let value = json[kind.rawValue] else { throw MessagesClauseProblem(kind.rawValue) }
        if value.isNull { return nil }
        guard let effect = value.string.flatMap(Effect.init(rawValue:)) else { throw MessagesClauseProblem(kind.rawValue) }
        return Located(effect, at: place)
    }
}
