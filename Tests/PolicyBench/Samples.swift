import Policy

/// Policies and messages that the benchmark measures with.
enum Samples {
    /// What a rule of a careful policy says of one tool's arguments.
    static let schema = """
        {"type": "object", "required": ["repository", "title"], "additionalProperties": false, "properties": {\
        "repository": {"type": "string", "pattern": "^[a-z0-9-]+/[a-z0-9-]+$"}, \
        "title": {"type": "string", "minLength": 1, "maxLength": 200}, \
        "labels": {"type": "array", "maxItems": 8, "items": {"enum": ["bug", "question", "docs"]}}, \
        "priority": {"type": "integer", "minimum": 1, "maximum": 5}, "body": {"type": "string", "maxLength": 4000}}}
        """

    /// A policy of `count` rules: each names a tool, one in four looks at the arguments, one in eight has a `*`.
    static func policy(rules count: Int) -> String {
        var text = "sandboxd: 1\nname: many\ntools:\n  rules:\n"
        for index in 0..<count {
            let tool = index % 8 == 7 ? "\"area\(index)_*\"" : "tool_\(index)"
            text += "    - {id: r\(index), tools: [\(tool)], effect: \(index % 16 == 15 ? "deny" : "allow")"
            text +=
                index % 4 == 0
                ? ", arguments: {type: object, required: [path], properties: {path: {type: string, maxLength: 80}}}}\n" : "}\n"
        }
        return text
    }

    /// Rules that each name one tool, or begin one's name. More than a text may hold.
    static func rules(_ count: Int, glob: Bool) -> ToolsClause {
        ToolsClause(
            rules: (0..<count).map { index in
                let pattern = glob ? "area\(padded(index))_*" : "tool_\(padded(index))"
                return Rule(id: "r\(index)", tools: [ToolPattern(pattern)!], effect: .allow)
            })
    }

    /// The tool of a rule.
    static func name(_ index: Int, glob: Bool) -> [UInt8] { Array((glob ? "area\(padded(index))_list" : "tool_\(padded(index))").utf8) }

    /// Five digits, so that names are as long with few rules as with many.
    private static func padded(_ index: Int) -> String { String(String(100_000 + index).dropFirst()) }

    /// One rule, with or without a schema.
    static func oneRule(schema: Bool) -> ToolsClause {
        let arguments = schema ? JSONText(json: Array(Self.schema.utf8)) : nil
        return ToolsClause(rules: [Rule(id: "create", tools: [ToolPattern("create_issue")!], effect: .allow, arguments: arguments)])
    }

    /// 300 bytes.
    static let message = """
        {"jsonrpc":"2.0","id":4711,"method":"tools/call","params":{"name":"create_issue","arguments":{"repository":"acme/rocket-skates",\
        "title":"Wheels fall off at \\"high\\" speed","labels":["bug","docs"],"priority":2,"body":"Steps:\\n1. put them on\\n2. go down the \
        hill\\n3. the left one w\u{E4}chst, it falls."}}}
        """
}
