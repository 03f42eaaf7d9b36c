import Decision
import StrictJSON
import TestSupport
import Testing

/// Schemas and values from a seed.
private struct Dice: RandomNumberGenerator {
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func next() -> UInt64 { generator.next() }

    mutating func pick<Value>(_ values: [Value]) -> Value { values[Int.random(in: 0..<values.count, using: &self)] }

    // MARK: Values

    mutating func value(_ depth: Int) -> JSON {
        switch Int.random(in: 0...(depth > 0 ? 7 : 5), using: &self) {
        case 0: return .null
        case 1: return .bool(.random(using: &self))
        case 2, 3: return number()
        case 4, 5: return .string(pick(["", "a", "A", "ab", "\u{212A}", "é🐲", "xn--a.b", "2024-01-01", "1.2.3.4", "a\u{0}"]))
        case 6: return .array((0..<Int.random(in: 0...3, using: &self)).map { _ in value(depth - 1) })
        default: return .object(members { $0.value(depth - 1) })
        }
    }

    private mutating func number() -> JSON {
        let token = pick(["0", "-1", "1.0", "1e2", "0.3", "123456789012345678901", "-0", "1e-9", "7e300", "3"])
        return JSONNumber(token: token).map(JSON.number) ?? .null
    }

    private mutating func members(_ value: (inout Dice) -> JSON) -> JSONObject {
        var object = JSONObject()
        for _ in 0..<Int.random(in: 0...3, using: &self) { object[pick(["a", "A", "b", "ab", "k", "\u{212A}", "a\u{0}"])] = value(&self) }
        return object
    }

    // MARK: Schemas

    mutating func schema(_ depth: Int) -> JSON {
        guard depth > 0 else { return pick([.bool(true), .bool(false), ["$ref": "#/$defs/x"], ["$ref": "#"], ["type": "string"]]) }
        var object = JSONObject()
        for _ in 0..<Int.random(in: 1...3, using: &self) {
            let (name, value) = keyword(depth - 1)
            object[name] = value
        }
        return .object(object)
    }

    private mutating func keyword(_ depth: Int) -> (String, JSON) {
        switch Int.random(in: 0...9, using: &self) {
        case 0: (pick(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]), number())
        case 1:
            (pick(["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minContains"]), pick([0, 1, 2]))
        case 2: (pick(["allOf", "anyOf", "oneOf", "prefixItems"]), .array([schema(depth), schema(depth)]))
        case 3, 4: (pick(["not", "if", "then", "else", "items", "contains", "additionalProperties", "propertyNames"]), schema(depth))
        case 5: (pick(["properties", "dependentSchemas", "patternProperties"]), .object(members { $0.schema(depth) }))
        case 6: (pick(["enum"]), .array([value(2), value(2)]))
        case 7: ("pattern", .string(pick(["^a", "[^a]", "(a|b)*$", "\\S", "(?=a)", "(", "a{1,3}", "\\p{Lu}"])))
        case 8: ("format", .string(pick(["date", "hostname", "ipv4", "uri", "email", "ipv6", "time", "date-time", "uuid"])))
        default: pick([("const", value(2)), ("required", ["a"]), ("uniqueItems", true), ("dependentRequired", ["a": ["b"]])])
        }
    }
}

@Suite struct SchemaRandomTests {
    private static let seeds: [UInt64] = [1, 20, 300, 4_000, .random(in: .min ... .max)]

    @Test("random schemas are refused or judge random values, and a schema and its negation never both accept", arguments: seeds)
    func random(_ seed: UInt64) throws {
        var dice = Dice(seed: seed)
        var compiled = 0
        for _ in 0..<400 {
            var text = dice.schema(4)
            if case .object(var object) = text {
                object["$defs"] = .object(JSONObject([("x", dice.schema(2))]))
                text = .object(object)
            }
            guard let schema = try? Schema(text) else { continue }
            compiled += 1
            let hasReference = String(decoding: text.encoded(), as: UTF8.self).contains("$ref")
            let negation = hasReference ? nil : try Schema(JSON.object(JSONObject([("not", text)])))
            for _ in 0..<10 { try judge(dice.value(4), schema, negation, seed) }
        }
        #expect(compiled > 50, "seed \(seed)")
    }

    /// References would name other places in the negation: there is one only without them.
    private func judge(_ value: JSON, _ schema: Schema, _ negation: Schema?, _ seed: UInt64) throws {
        var tape = JSONTape()
        try tape.parse(value.encoded())
        let isAccepted = schema.accepts(.root, in: tape), isUndecided = schema.isUndecided(.root, in: tape)
        #expect(!(isAccepted && isUndecided), "seed \(seed)")
        guard let negation else { return }
        #expect(negation.isUndecided(.root, in: tape) == isUndecided, "seed \(seed)")
        #expect(isUndecided || negation.accepts(.root, in: tape) != isAccepted, "seed \(seed)")
    }
}
