public import Policy
public import StrictJSON

/// Why JSON is not a tools section as `ToolsClause.json` writes it.
public struct ToolsClauseProblem: Error, Sendable, Hashable {
    /// A JSON Pointer to what is wrong.
    public let pointer: String

    public init(at pointer: String) { self.pointer = pointer }
}

/// How the gate is told the tools section. Source locations stay behind.
extension ToolsClause {
    public var json: JSON { ["default": .string((`default` ?? .deny).rawValue), "rules": .array(rules.map(\.json))] }

    /// Reads what `json` wrote; anything else is an error.
    public init(json: JSON) throws(ToolsClauseProblem) {
        guard json.object?.count == 2, let effect = json["default"]?.string.flatMap(Effect.init(rawValue:)) else {
            throw ToolsClauseProblem(at: "/default")
        }
        guard let items = json["rules"]?.array else { throw ToolsClauseProblem(at: "/rules") }
        var rules: [Rule] = []
        for (index, item) in items.enumerated() { rules.append(try Rule(json: item, at: "/rules/\(index)")) }
        self.init(default: effect, rules: rules)
    }
}

extension Rule {
    private static let names: Set = ["id", "tools", "effect", "arguments", "reason"]

    fileprivate var json: JSON {
        var object = JSONObject([
            ("id", .string(id)), ("tools", .array(tools.map { .string($0.text) })), ("effect", .string(effect.rawValue)),
        ])
        object["arguments"] = arguments.map { (try? JSON(parsing: $0.json)) ?? .string("not JSON") }
        object["reason"] = reason.map(JSON.string)
        return .object(object)
    }

    fileprivate init(json: JSON, at pointer: String) throws(ToolsClauseProblem) {
        for (name, _) in json.object?.members ?? [] where !Self.names.contains(name) {
            throw ToolsClauseProblem(at: "\(pointer)/\(name)")
        }
        guard let id = json["id"]?.string else { throw ToolsClauseProblem(at: "\(pointer)/id") }
        guard let effect = json["effect"]?.string.flatMap(Effect.init(rawValue:)) else { throw ToolsClauseProblem(at: "\(pointer)/effect") }
        let patterns = json["tools"]?.array?.map { $0.string.flatMap(ToolPattern.init) } ?? []
        guard !patterns.isEmpty, !patterns.contains(nil) else { throw ToolsClauseProblem(at: "\(pointer)/tools") }
        let reason = json["reason"]
        guard reason == nil || reason?.string != nil else { throw ToolsClauseProblem(at: "\(pointer)/reason") }
        self.init(
            id: id, tools: patterns.compactMap(\.self), effect: effect,
            arguments: json["arguments"].map { JSONText(json: $0.encoded()) }, reason: reason?.string)
    }
}
