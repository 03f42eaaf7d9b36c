import Policy
import StrictJSON
import TestSupport
import Testing

@testable import Decision

@Suite("What rules may come to where arguments are not known")
struct PossibleJudgementsTests {
    private static let conditions: [String?] = [nil, "a", "b"]
    private static let arguments: [[UInt8]] = [#"{}"#, #"{"a":1}"#, #"{"b":1}"#, #"{"a":1,"b":1}"#].map { Array($0.utf8) }

    private static func clause(_ generator: inout SeededGenerator, isLayer: Bool) -> ToolsClause {
        let effects: [Effect] = [.allow, .ask, .deny]
        let rules = (0..<Int.random(in: 0...3, using: &generator)).map { index in
            let name = conditions.randomElement(using: &generator) ?? nil
            let when = name.flatMap { JSONPointer("/\($0)") }.map { Condition.argument($0, [.exists(true)]) }
            return Rule(
                id: "r\(index)", tools: [ToolPattern("x")].compactMap(\.self), effect: effects.randomElement(using: &generator) ?? .deny,
                when: when)
        }
        let fallback = isLayer && Bool.random(using: &generator) ? nil : effects.randomElement(using: &generator)
        return ToolsClause(default: fallback, rules: rules)
    }

    @Test("whatever the arguments are, the effect is among those that are possible; and a sure one is the one")
    func contains() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<2_000 {
            let layers = (0..<Int.random(in: 0...2, using: &generator)).map {
                LayeredRules.Layer(name: "l\($0)", tools: Self.clause(&generator, isLayer: true))
            }
            let rules = try LayeredRules(policy: Self.clause(&generator, isLayer: false), layers: layers)
            let possible = rules.possibleJudgements(Array("x".utf8))
            #expect(!possible.effects.isEmpty, "seed \(seed)")
            for arguments in Self.arguments {
                var tape = JSONTape()
                try tape.parse(arguments)
                let judged = rules.judge(Array("x".utf8), arguments: .root, in: tape)
                #expect(possible.effects.contains(judged.effect), "seed \(seed)")
                if let sure = possible.sure {
                    #expect(sure.effect == judged.effect, "seed \(seed)")
                    if let by = sure.by { #expect(by == judged.by, "seed \(seed)") }
                }
            }
        }
    }
}
