import Decision
import Policy
import StrictJSON
import TestSupport
import Testing

@Suite struct AllowanceTests {
    private static let second: UInt64 = 1_000_000_000

    /// Spends what a call of `x` costs by these rules; the reason's code, or nil.
    private struct Till {
        let rules: LayeredRules
        var allowances = Allowances()
        var last: Allowances.Spending?

        mutating func spend(_ arguments: String = "{}", at now: UInt64 = 0) throws -> String? {
            var tape = JSONTape()
            try tape.parse(Array(arguments.utf8))
            let additions = try #require(rules.judge(Array("x".utf8), arguments: .root, in: tape).additions)
            do { last = try allowances.spend(additions, arguments: .root, in: tape, now: now) } catch { return error.code }
            return nil
        }
    }

    private static func till(_ rules: Rule...) throws -> Till { Till(rules: try LayeredRules(policy: ToolsClause(rules: rules))) }

    private static func limited(_ id: String, _ calls: Int, _ per: CallLimit.Period) -> Rule {
        var rule = rule(id, ["x"], .allow)
        rule.limit = CallLimit(calls: calls, per: per)
        return rule
    }

    private static func charged(_ id: String, _ name: String, _ of: String, _ limit: String) throws -> Rule {
        var rule = rule(id, ["x"], .allow)
        rule.budget = Budget(name: name, of: try #require(JSONPointer(of)), limit: text(limit), per: .session)
        return rule
    }

    @Test("a call is let through again exactly one period after the one that is in its way")
    func slides() throws {
        var till = try Self.till(Self.limited("l", 2, .second))
        #expect(try till.spend(at: 0) == nil)
        #expect(try till.spend(at: 900_000_000) == nil)
        #expect(try till.spend(at: 999_999_999) == "D106")
        #expect(try till.spend(at: Self.second) == nil)
        #expect(try till.spend(at: Self.second + 899_999_999) == "D106")
        #expect(try till.spend(at: Self.second + 900_000_000) == nil)
    }

    @Test("in no span of the period's length are more calls let through", arguments: [3, 1_024, 3_000], [UInt64.random(in: .min ... .max)])
    func neverMore(_ calls: Int, _ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var till = try Self.till(Self.limited("l", calls, .second))
        var now: UInt64 = 0, passed: [UInt64] = []
        let step = Self.second / UInt64(calls)
        for _ in 0..<4 * calls {
            now += UInt64.random(in: 0..<step, using: &generator)
            if try till.spend(at: now) == nil { passed.append(now) }
        }
        #expect(passed.count > calls, "seed \(seed)")
        for index in passed.indices.dropFirst(calls) {
            #expect(passed[index] - passed[index - calls] >= Self.second, "seed \(seed)")
        }
    }

    @Test("several limits and budgets are spent all or not at all")
    func allOrNothing() throws {
        var till = try Self.till(
            Self.limited("one", 1, .session), try Self.charged("m", "money", "/n", "10"), try Self.charged("k", "kilos", "/k", "5"))
        #expect(try till.spend(#"{"n":10,"k":6}"#) == "D107")
        #expect(try till.spend(#"{"n":10}"#) == "D108")
        #expect(try till.spend(#"{"n":10,"k":5}"#) == nil)
        #expect(try till.spend(#"{"n":0,"k":0}"#) == "D106")
    }

    @Test("rules with one budget's name share it; a call is charged once for each argument; layers have budgets of their own")
    func shares() throws {
        var till = try Self.till(
            try Self.charged("a", "money", "/n", "10"), try Self.charged("b", "money", "/n", "10.0"),
            try Self.charged("c", "money", "/m", "1e1"))
        #expect(try till.spend(#"{"n":4,"m":6}"#) == nil)
        #expect(try till.spend(#"{"n":0,"m":0.01}"#) == "D107")
        let rule = try Self.charged("a", "money", "/n", "10"), other = try Self.charged("a", "money", "/n", "7")
        var layered = Till(
            rules: try LayeredRules(policy: ToolsClause(rules: [rule]), layers: [.init(name: "l", tools: ToolsClause(rules: [other]))]))
        #expect(try layered.spend(#"{"n":7}"#) == nil)
        #expect(try layered.spend(#"{"n":1}"#) == "D107")
    }

    @Test("other terms under one name are refused, and so are limits that are no amounts")
    func refuses() throws {
        let a = try Self.charged("a", "money", "/n", "10"), b = try Self.charged("b", "money", "/n", "11")
        #expect(throws: RuleSetProblem(rule: "b", problem: .conflictingBudget("money"))) {
            try LayeredRules(policy: ToolsClause(rules: [a, b]))
        }
        for limit in ["-1", "\"1\"", "9007199254740993"] {
            let bad = try Self.charged("a", "money", "/n", limit)
            #expect(throws: RuleSetProblem(rule: "a", problem: .badBudgetLimit("money"))) {
                try LayeredRules(policy: ToolsClause(rules: [bad]))
            }
        }
    }

    @Test("what is taken back can be spent again")
    func takesBack() throws {
        var till = try Self.till(Self.limited("l", 2, .minute), try Self.charged("m", "money", "/n", "3"))
        #expect(try till.spend(#"{"n":1}"#) == nil)
        let before = till.allowances
        #expect(try till.spend(#"{"n":2}"#, at: 5) == nil)
        till.allowances.takeBack(try #require(till.last))
        #expect(till.allowances == before)
        #expect(try till.spend(#"{"n":2}"#, at: 6) == nil)
    }

    @Test(
        "sums are exact",
        arguments: [
            ("0.1", "0.2", "0.3"), ("1e15", "1", "1000000000000001"), ("-1", "1", "0"), ("999.9", "0.1", "1000"), ("5", "-7.5", "-2.5"),
            ("1e-300", "1e300", nil), ("0", "-0", "0"), ("1e10000000000", "0", nil), ("-0.5", "-0.5", "-1"), ("10", "-9.99", "0.01"),
        ] as [(String, String, String?)])
    func adds(_ left: String, _ right: String, _ sum: String?) throws {
        let number = { (text: String) in try #require(JSONNumber(token: text)).decimal }
        #expect(try number(left).adding(number(right), atMost: 100) == sum.map(number))
        #expect(try number(right).adding(number(left), atMost: 100) == sum.map(number))
    }
}
