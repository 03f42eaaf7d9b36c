public import Policy
public import StrictJSON

/// Why JSON is not a tools section as `ToolsClause.json` writes it.
public struct ToolsClauseProblem: Error, Sendable, Hashable {
    /// A JSON Pointer to what is wrong.
    public let pointer: String

    public init(at pointer: String) { self.pointer = pointer }
}

/// How the gate is told the tools section. Source locations stay behind, and `pins`, which is not the gate's.
extension ToolsClause {
    /// An absent default is `null`: to a layer it means that it has no opinion.
    public var json: JSON { ["default": `default`.map { .string($0.rawValue) } ?? .null, "rules": .array(rules.map(\.json))] }

    /// Reads what `json` wrote; anything else is an error.
    public init(json: JSON) throws(ToolsClauseProblem) {
        guard json.object?.count == 2, let fallback = json["default"] else { throw ToolsClauseProblem(at: "/default") }
        let effect = fallback.string.flatMap(Effect.init(rawValue:))
        guard effect != nil || fallback.isNull else { throw ToolsClauseProblem(at: "/default") }
        guard let items = json["rules"]?.array else { throw ToolsClauseProblem(at: "/rules") }
        var rules: [Rule] = []
        for (index, item) in items.enumerated() { rules.append(try Rule(json: item, at: "/rules/\(index)")) }
        self.init(default: effect, rules: rules)
    }
}
