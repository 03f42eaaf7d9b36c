import Decision
import Policy
import StrictJSON
import Testing

/// Judges a call as the gate would.
func judge(
    _ rules: [Rule], default fallback: Effect? = .deny, layers: [LayeredRules.Layer] = [], _ tool: String, _ arguments: String? = nil
) throws -> Judgement {
    let set = try LayeredRules(policy: ToolsClause(default: fallback, rules: rules), layers: layers, cwd: "/srv/notes")
    var tape = JSONTape()
    guard let arguments else { return set.judge(Array(tool.utf8), arguments: nil, in: tape) }
    try tape.parse(Array(arguments.utf8))
    return set.judge(Array(tool.utf8), arguments: .root, in: tape)
}

func decide(_ rules: [Rule], default fallback: Effect = .deny, _ tool: String, _ arguments: String? = nil) throws -> Decision {
    try judge(rules, default: fallback, tool, arguments).decision
}

func rule(_ id: String, _ tools: [String], _ effect: Effect, _ arguments: String? = nil, why: String? = nil) -> Rule {
    Rule(
        id: id, tools: tools.compactMap(ToolPattern.init), effect: effect,
        arguments: arguments.map { JSONText(json: Array($0.utf8)) }, reason: why)
}

@Suite struct RuleSetTests {
    @Test(
        "without an applicable rule the default decides",
        arguments: [
            (Effect.deny, Decision.block(.noRuleApplies(layer: nil))), (.allow, .forward(by: .default)), (.ask, .hold(by: .default)),
        ])
    func fallsBack(_ fallback: Effect, _ expected: Decision) throws {
        #expect(try decide([rule("a", ["other"], .allow)], default: fallback, "x") == expected)
    }

    @Test("deny beats ask beats allow in whatever order, and the first of the winning effect is named")
    func precedence() throws {
        let allow = rule("allow", ["x"], .allow), allow2 = rule("allow2", ["*"], .allow)
        let ask = rule("ask", ["x*"], .ask), deny = rule("deny", ["*x"], .deny, why: "no"), deny2 = rule("deny2", ["x"], .deny)
        #expect(try decide([allow2, allow], "x") == .forward(by: .rule("allow2")))
        #expect(try decide([allow, allow2], "x") == .forward(by: .rule("allow")))
        #expect(try decide([allow, ask], "x") == .hold(by: .rule("ask")))
        #expect(try decide([ask, allow], default: .allow, "x") == .hold(by: .rule("ask")))
        #expect(try decide([allow, deny, ask, deny2], "x") == .block(.deniedByRule(.rule("deny"), why: "no")))
        #expect(try decide([deny2, allow, deny, ask], default: .allow, "x") == .block(.deniedByRule(.rule("deny2"), why: nil)))
    }

    @Test(
        "a pattern matches the whole name by bytes",
        arguments: [
            ("get", "get", true), ("get", "get ", false), ("get", "Get", false), ("get", "gett", false), ("get_*", "get_", true),
            ("get_*", "get_note", true), ("get_*", "xget_note", false), ("*", "", true), ("*", "anything", true), ("*_x", "a_x", true),
            ("*_x", "_x", true), ("*_x", "a_xy", false), ("a*b*c", "abc", true), ("a*b*c", "axxbyyc", true), ("a*b*c", "acb", false),
            ("a*a", "a", false), ("a*a", "aa", true), ("a**b", "ab", true), ("*ab*ab*", "ab", false), ("*ab*ab*", "xabxabx", true),
            ("K", "\u{212A}", false), ("\u{E9}", "e\u{301}", false), ("\u{E9}*", "\u{E9}x", true),
        ])
    func patterns(_ pattern: String, _ name: String, _ matches: Bool) throws {
        let expected: Decision = matches ? .forward(by: .rule("r")) : .block(.noRuleApplies(layer: nil))
        #expect(try decide([rule("r", [pattern], .allow)], name) == expected)
    }

    @Test("a rule applies only to calls whose arguments meet its schema; a call without arguments has an empty object")
    func schemas() throws {
        let schema = #"{"type":"object","required":["to"],"properties":{"to":{"enum":["a","b"]}},"additionalProperties":false}"#
        let allow = [rule("r", ["send"], .allow, schema)]
        #expect(try decide(allow, "send", #"{"to":"a"}"#) == .forward(by: .rule("r")))
        #expect(try decide(allow, "send", #"{"to":"c"}"#) == .block(.noRuleApplies(layer: nil)))
        #expect(try decide(allow, "send", #"{"to":"a","x":1}"#) == .block(.noRuleApplies(layer: nil)))
        #expect(try decide(allow, "send", "{}") == .block(.noRuleApplies(layer: nil)))
        #expect(try decide(allow, "send") == .block(.noRuleApplies(layer: nil)))
        let deny = [rule("d", ["send"], .deny, #"{"required":["force"]}"#), rule("a", ["*"], .allow)]
        #expect(try decide(deny, "send", #"{"force":false}"#) == .block(.deniedByRule(.rule("d"), why: nil)))
        #expect(try decide(deny, "send", #"{"to":1}"#) == .forward(by: .rule("a")))
        #expect(try decide(deny, "send") == .forward(by: .rule("a")))
    }

    @Test(
        "a member that a lax server could take for one that a rule names makes the rule unknown: it denies, and does not allow",
        arguments: [
            #"{"to":"a","TO":"b"}"#, #"{"To":"a"}"#, #"{"\u0074O":"a"}"#, #"{"to\u0000":"a"}"#, "{\"ta\u{17F}k\":\"a\"}",
            "{\"tas\u{212A}\":1}",
        ])
    func laxServers(_ arguments: String) throws {
        let schema = #"{"properties":{"to":{"enum":["a"]},"task":{"enum":["a"]}}}"#
        #expect(try decide([rule("r", ["send"], .allow, schema)], "send", arguments) == .block(.noRuleApplies(layer: nil)))
        let deny = [rule("d", ["send"], .deny, schema), rule("a", ["*"], .allow)]
        #expect(try decide(deny, "send", arguments) == .block(.deniedByRule(.rule("d"), why: nil)))
        let required = rule("r", ["send"], .allow, #"{"required":["to","task"]}"#)
        #expect(try decide([required], "send", #"{"to":1,"task":1,"Task":2}"#) == .block(.noRuleApplies(layer: nil)))
        #expect(try decide([required], "send", #"{"to":1,"task":1,"tasks":2}"#) == .forward(by: .rule("r")))
    }

    @Test(
        "a tool is listed unless every call of it is blocked",
        arguments: [
            ([rule("a", ["t"], .allow)], Effect.deny, true), ([rule("a", ["u"], .allow)], .deny, false), ([], .allow, true),
            ([], .deny, false),
            ([rule("a", ["*"], .allow), rule("d", ["t"], .deny)], .deny, false), ([rule("d", ["t"], .deny)], .allow, false),
            ([rule("a", ["*"], .allow), rule("d", ["t"], .deny, #"{"required":["x"]}"#)], .deny, true),
            ([rule("a", ["*"], .allow), rule("d", ["t"], .deny, #"{"type":"object"}"#)], .deny, false),
            ([rule("a", ["*"], .allow), rule("d", ["t"], .deny, "{}")], .deny, false),
            ([rule("a", ["t"], .allow, "false")], .deny, false), ([rule("a", ["t"], .allow, #"{"enum":[1]}"#)], .deny, false),
            ([rule("q", ["t"], .ask)], .deny, true),
        ])
    func listing(_ rules: [Rule], _ fallback: Effect, _ expected: Bool) throws {
        let set = try RuleSet(ToolsClause(default: fallback, rules: rules))
        #expect(set.mayBeCalled(Array("t".utf8)) == expected)
    }

    @Test("a schema that is not understood is refused with the rule and the place")
    func refusesSchema() {
        let rules = [rule("ok", ["x"], .allow), rule("bad", ["x"], .allow, #"{"properties":{"a/b":{"minLen":1}}}"#)]
        let problem = RuleSetProblem(
            rule: "bad", problem: .schema(SchemaProblem(.unsupportedKeyword("minLen"), at: "/properties/a~1b/minLen")))
        #expect(throws: problem) { try RuleSet(ToolsClause(rules: rules)) }
    }

    @Test("the clause comes back from JSON as it was, but for locations")
    func codes() throws {
        let clause = ToolsClause(
            default: .ask,
            rules: [
                rule("a", ["x", "y*"], .allow, #"{"type":"object"}"#), rule("b", ["z"], .deny, why: "nö"),
            ])
        #expect(try ToolsClause(json: clause.json) == clause)
        #expect(try ToolsClause(json: JSON(parsing: clause.json.canonical())) == clause)
    }

    @Test(
        "JSON that is no clause is refused",
        arguments: [
            (#"{"rules":[]}"#, "/default"), (#"{"default":"no","rules":[]}"#, "/default"), (#"{"default":"deny"}"#, "/default"),
            (#"{"default":"deny","rules":{}}"#, "/rules"), (#"{"default":"deny","rules":[],"x":1}"#, "/default"),
            (#"{"default":"deny","rules":[{"id":"a","tools":[],"effect":"allow"}]}"#, "/rules/0/tools"),
            (#"{"default":"deny","rules":[{"id":"a","tools":["",2],"effect":"allow"}]}"#, "/rules/0/tools"),
            (#"{"default":"deny","rules":[{"id":"a","tools":["x"],"effect":"allow","when":{}}]}"#, "/rules/0/when"),
            (#"{"default":"deny","rules":[{"id":"a","tools":["x"],"effect":"allow","reason":1}]}"#, "/rules/0/reason"),
            (#"{"default":"deny","rules":[{"tools":["x"],"effect":"allow"}]}"#, "/rules/0/id"),
        ])
    func refusesJSON(_ text: String, _ pointer: String) throws {
        let json = try JSON(parsing: Array(text.utf8))
        #expect(throws: ToolsClauseProblem(at: pointer)) { try ToolsClause(json: json) }
    }

    @Test("with many rules the decision is that of reading them one by one", arguments: [UInt64.random(in: .min ... .max)])
    func agreesWithModel(_ seed: UInt64) throws {
        var state = seed
        func below(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        func text() -> String { (0...below(3)).map { _ in ["a", "b", "*"][Int(below(3))] }.joined() }
        for _ in 0..<200 {
            let rules = (0..<6).map { rule("r\($0)", [text(), text()], Effect.allCases[Int(below(3))]) }
            let name = text().replacing("*", with: "a")
            #expect(try decide(rules, name) == Self.model(rules, name), "seed \(seed)")
        }
    }

    private static func model(_ rules: [Rule], _ name: String) -> Decision {
        func first(_ effect: Effect) -> RuleID? {
            rules.first { rule in rule.effect == effect && rule.tools.contains { matches($0.text[...], name[...]) } }.map { .rule($0.id) }
        }
        if let rule = first(.deny) { return .block(.deniedByRule(rule, why: nil)) }
        if let rule = first(.ask) { return .hold(by: rule) }
        return first(.allow).map(Decision.forward) ?? .block(.noRuleApplies(layer: nil))
    }

    /// The definition of a pattern, by trying every way.
    private static func matches(_ pattern: Substring, _ name: Substring) -> Bool {
        guard let head = pattern.first else { return name.isEmpty }
        if head == "*" { return matches(pattern.dropFirst(), name) || (!name.isEmpty && matches(pattern, name.dropFirst())) }
        return name.first == head && matches(pattern.dropFirst(), name.dropFirst())
    }
}
