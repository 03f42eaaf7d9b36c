import Decision
import Policy
import StrictJSON
import TestSupport
import Testing

@Suite struct LayerTests {
    private static func layer(_ name: String, default fallback: Effect? = nil, _ rules: Rule...) -> LayeredRules.Layer {
        LayeredRules.Layer(name: name, tools: ToolsClause(default: fallback, rules: rules))
    }

    @Test("the strictest document decides and is named; one without an opinion says nothing")
    func strictest() throws {
        let asks = Self.layer("asks", rule("q", ["x"], .ask)), denies = Self.layer("denies", rule("d", ["x"], .deny, why: "no"))
        let allows = Self.layer("allows", rule("a", ["*"], .allow)), closed = Self.layer("closed", default: .deny)
        #expect(try judge([rule("r", ["x"], .allow)], layers: [allows], "x").decision == .forward(by: .rule("r")))
        #expect(try judge([rule("r", ["x"], .allow)], layers: [allows], "y").decision == .block(.noRuleApplies(layer: nil)))
        #expect(try judge([rule("r", ["x"], .allow)], layers: [asks], "x").decision == .hold(by: .rule("q", layer: "asks")))
        #expect(
            try judge([rule("r", ["x"], .ask)], layers: [asks, denies], "x").decision
                == .block(.deniedByRule(.rule("d", layer: "denies"), why: "no")))
        #expect(try judge([], default: .allow, layers: [asks, denies], "y").decision == .forward(by: .default))
        #expect(try judge([], default: .allow, layers: [closed], "y").decision == .block(.noRuleApplies(layer: "closed")))
        #expect(try judge([], default: nil, "y").decision == .block(.noRuleApplies(layer: nil)))
    }

    @Test("what documents that do not block add is united; an ask carries what allow rules add")
    func unites() throws {
        func adding(_ id: String, _ effect: Effect, _ label: String, _ tools: [String] = ["x"]) -> Rule {
            var rule = rule(id, tools, effect)
            rule.labels = [.init(name: label, value: id)]
            return rule
        }
        let own = [adding("a", .allow, "l1"), adding("b", .ask, "l2"), adding("c", .allow, "l3", ["*"]), adding("d", .deny, "l4", ["y"])]
        let layer = Self.layer("z", adding("e", .allow, "l5"), adding("f", .deny, "l6", ["y"]))
        let labels = { (judgement: Judgement) in (judgement.additions?.labels ?? []).map(\.name) }
        #expect(labels(try judge(own, layers: [layer], "x")) == ["l1", "l2", "l3", "l5"])
        #expect(labels(try judge(own, layers: [layer], "y")) == ["l4", "l6"])
        #expect(labels(try judge(own, layers: [layer], "w")) == ["l3"])
        #expect(try judge([rule("r", ["x"], .allow)], "x").additions == nil)
    }

    private struct Random {
        var random: RandomConditions

        mutating func rules() -> [Rule] {
            (0..<Int.random(in: 0..<5, using: &random.generator)).map { index in
                var rule = rule("r\(index)", [random.pick(["a", "b", "*", "a*", "*b"])], random.pick(Effect.allCases))
                if Bool.random(using: &random.generator) { rule.when = random.condition(1) }
                return rule
            }
        }

        mutating func layer(_ name: String) -> LayeredRules.Layer {
            LayeredRules.Layer(name: name, tools: ToolsClause(default: random.pick([nil, .allow, .ask, .deny]), rules: rules()))
        }
    }

    private static func strictness(_ judgement: Judgement) -> Int { judgement.effect == .deny ? 2 : judgement.effect == .ask ? 1 : 0 }

    @Test(
        "adding a layer never permits anything new, and the order of layers does not matter", arguments: [UInt64.random(in: .min ... .max)])
    func tightens(_ seed: UInt64) throws {
        var random = Random(random: RandomConditions(seed: seed))
        for _ in 0..<500 {
            let policy = random.rules(), fallback = random.random.pick([nil, Effect.allow, .ask, .deny])
            let (one, two) = (random.layer("one"), random.layer("two"))
            let arguments = String(decoding: random.random.object().encoded(), as: UTF8.self)
            for tool in ["a", "b", "ab", "c"] {
                let none = try judge(policy, default: fallback, tool, arguments)
                let first = try judge(policy, default: fallback, layers: [one], tool, arguments)
                let both = try judge(policy, default: fallback, layers: [one, two], tool, arguments)
                #expect(Self.strictness(first) >= Self.strictness(none), "seed \(seed)")
                #expect(Self.strictness(both) >= Self.strictness(first), "seed \(seed)")
                #expect(try judge(policy, default: fallback, layers: [two, one], tool, arguments) == both, "seed \(seed)")
            }
        }
    }

    @Test("a layer of one rule changes nothing for calls that its rule does not touch", arguments: [UInt64.random(in: .min ... .max)])
    func touchesNothingElse(_ seed: UInt64) throws {
        var random = Random(random: RandomConditions(seed: seed))
        for _ in 0..<500 {
            let policy = random.rules(), fallback = random.random.pick([nil, Effect.allow, .ask, .deny])
            var only = rule("only", ["a"], random.random.pick(Effect.allCases))
            only.when = random.random.condition(1)
            let layer = Self.layer("l", only)
            let arguments = random.random.object()
            let text = String(decoding: arguments.encoded(), as: UTF8.self)
            let comesTo = NaiveCondition.evaluate(try #require(only.when), arguments)
            let isTouched = comesTo == .true || comesTo == .unknown && only.effect != .allow
            if !isTouched {
                #expect(try judge(policy, default: fallback, layers: [layer], "a", text) == judge(policy, default: fallback, "a", text))
            }
            #expect(
                try judge(policy, default: fallback, layers: [layer], "b", text) == judge(policy, default: fallback, "b", text),
                "seed \(seed)")
        }
    }

    @Test("an account tells of each rule that names the tool which part holds")
    func accounts() throws {
        var conditional = rule("r", ["x"], .allow, #"{"required":["n"]}"#)
        conditional.when = .all([try at("/n", .above(text("1"))), try at("/m", .exists(true), .startsWith("a"))])
        let rules = try LayeredRules(
            policy: ToolsClause(rules: [conditional, rule("other", ["y"], .allow)]), layers: [Self.layer("l", rule("d", ["*"], .deny))])
        var tape = JSONTape()
        try tape.parse(Array(#"{"n":2}"#.utf8))
        let accounts = rules.accounts(Array("x".utf8), arguments: .root, in: tape)
        #expect(accounts.map(\.rule) == [.rule("r"), .rule("d", layer: "l")])
        #expect(accounts.map(\.applies) == [false, true])
        #expect(accounts[0].arguments == .true)
        #expect(accounts[0].when == .false)
        #expect(accounts[0].parts.map(\.truth) == [.true, .false, .unknown])
        #expect(accounts[0].parts.map(\.argument.text) == ["/n", "/m", "/m"])
        #expect(rules.accounts(Array("x".utf8), arguments: nil, in: tape)[0].arguments == .false)
    }
}
