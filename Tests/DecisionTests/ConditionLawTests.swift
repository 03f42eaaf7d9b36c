import Decision
import Policy
import StrictJSON
import Testing

@Suite struct ConditionLawTests {
    @Test("random conditions come to what a plain reading of them comes to", arguments: [UInt64.random(in: .min ... .max)])
    func agreesWithNaive(_ seed: UInt64) throws {
        var random = RandomConditions(seed: seed)
        var seen: Set<Truth> = []
        for _ in 0..<2_000 {
            let condition = random.condition(), arguments = random.object()
            let expected = NaiveCondition.evaluate(condition, arguments)
            seen.insert(expected)
            let found = try truth(condition, String(decoding: arguments.encoded(), as: UTF8.self))
            #expect(found == expected, "seed \(seed): \(condition) of \(String(decoding: arguments.encoded(), as: UTF8.self))")
        }
        #expect(seen == [.true, .false, .unknown])
    }

    @Test("De Morgan's laws hold, and not undoes itself", arguments: [UInt64.random(in: .min ... .max)])
    func deMorgan(_ seed: UInt64) throws {
        var random = RandomConditions(seed: seed)
        for _ in 0..<500 {
            let (a, b) = (random.condition(2), random.condition(2))
            let arguments = String(decoding: random.object().encoded(), as: UTF8.self)
            #expect(try truth(.not(.all([a, b])), arguments) == truth(.any([.not(a), .not(b)]), arguments), "seed \(seed)")
            #expect(try truth(.not(.any([a, b])), arguments) == truth(.all([.not(a), .not(b)]), arguments), "seed \(seed)")
            #expect(try truth(.not(.not(a)), arguments) == truth(a, arguments), "seed \(seed)")
        }
    }

    @Test("one more condition in all never makes it truer, one more in any never falser", arguments: [UInt64.random(in: .min ... .max)])
    func monotone(_ seed: UInt64) throws {
        var random = RandomConditions(seed: seed)
        func height(_ truth: Truth) -> Int { truth == .true ? 2 : truth == .unknown ? 1 : 0 }
        for _ in 0..<500 {
            let (a, b) = (random.condition(2), random.condition(2))
            let arguments = String(decoding: random.object().encoded(), as: UTF8.self)
            #expect(height(try truth(.all([a, b]), arguments)) <= height(try truth(a, arguments)), "seed \(seed)")
            #expect(height(try truth(.any([a, b]), arguments)) >= height(try truth(a, arguments)), "seed \(seed)")
        }
    }
}
