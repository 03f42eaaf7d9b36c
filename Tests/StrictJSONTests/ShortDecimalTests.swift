import StrictJSON
import TestSupport
import Testing

@Suite struct ShortDecimalTests {
    /// What the reader without allocations says of a token.
    private func short(_ token: String) throws -> JSONShortDecimal? {
        var tape = JSONTape(seed: 0)
        try tape.parse(Array(token.utf8))
        return tape.shortDecimal(.root)
    }

    private func decimal(_ token: String) throws -> JSONDecimal { try #require(JSONNumber(token: token)).decimal }

    @Test(
        "a token of more than 18 digits, or with an exponent, is not short",
        arguments: ["1e2", "1234567890123456789", "0.1234567890123456789"])
    func long(_ token: String) throws { #expect(try short(token) == nil) }

    @Test("short numbers are ordered, equal and multiples as exact ones are", arguments: [1, 2, .random(in: .min ... .max)] as [UInt64])
    func agrees(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<1_000 {
            let left = token(&random), right = token(&random)
            let (shortLeft, shortRight) = (try #require(try short(left)), try #require(try short(right)))
            let (exactLeft, exactRight) = (try decimal(left), try decimal(right))
            #expect((shortLeft < shortRight) == (exactLeft < exactRight), "\(left) \(right) seed \(seed)")
            #expect((shortLeft == shortRight) == (exactLeft == exactRight), "\(left) \(right) seed \(seed)")
            #expect(shortLeft.isInteger == exactLeft.isInteger, "\(left) seed \(seed)")
            #expect(exactLeft.short.map { $0 == shortLeft } ?? true, "\(left) seed \(seed)")
            guard exactRight.canDivide else { continue }
            #expect(shortLeft.isMultiple(of: shortRight) == exactLeft.isMultiple(of: exactRight), "\(left) \(right) seed \(seed)")
        }
    }

    private func token(_ random: inout SeededGenerator) -> String {
        let digits = Int.random(in: 1...Int.random(in: 1...18, using: &random), using: &random)
        var text = String((0..<digits).map { _ in "0123456789".randomElement(using: &random) ?? "0" })
        let integers = Int.random(in: 1...digits, using: &random)
        let fraction = text.dropFirst(integers)
        text = String(UInt64(text.prefix(integers)) ?? 0) + (fraction.isEmpty ? "" : ".\(fraction)")
        return Bool.random(using: &random) ? "-" + text : text
    }

    @Test("keys are equal where lengths and first eight bytes are, and whole up to eight bytes")
    func keys() throws {
        var tape = JSONTape(seed: 0)
        try tape.parse(Array(#"["12345678","1234567","123456789","12345678x","","a\u0062"]"#.utf8))
        var keys: [JSONKey?] = []
        var cursor = tape.firstChild(of: .root)
        while let element = cursor {
            keys.append(tape.key(of: element))
            cursor = tape.nextElement(after: element)
        }
        let expected = ["12345678", "1234567", "123456789", "12345678x", ""].map { JSONKey(Array($0.utf8).span) }
        #expect(keys == expected + [nil])
        #expect(keys[2] == keys[3] && keys[2]?.isWhole == false && keys[0]?.isWhole == true)
        #expect(keys[0] != keys[1] && keys[0] != keys[2])
    }
}
