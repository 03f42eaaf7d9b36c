import Decision
import Policy
import StrictJSON

enum SchemaFuzz {
    static func run(_ bytes: [UInt8]) throws(Contradiction) {
        let (text, value) = halves(bytes)
        guard let schema = try? Schema(JSONText(json: text)) else { return }
        try judge(value, schema, text)
    }

    static func runPattern(_ bytes: [UInt8]) throws(Contradiction) {
        let (pattern, value) = halves(bytes)
        let text = JSON.object(JSONObject([("pattern", .string(String(decoding: pattern, as: UTF8.self)))])).encoded()
        guard let schema = try? Schema(JSONText(json: text)) else { return }
        try judge(JSON.string(String(decoding: value, as: UTF8.self)).encoded(), schema, text)
    }

    /// A schema and its negation never both accept, and are undecided of the same. Other places would be named by references in the
    /// negation, and the work of both differs: where either may matter nothing is compared.
    private static func judge(_ value: [UInt8], _ schema: Schema, _ text: [UInt8]) throws(Contradiction) {
        var tape = JSONTape(seed: 1)
        guard (try? tape.parse(value)) != nil else { return }
        let isAccepted = schema.accepts(.root, in: tape), isUndecided = schema.isUndecided(.root, in: tape)
        try Contradiction.unless(!(isAccepted && isUndecided), "a value is accepted and undecided")
        if tape.kind(of: .root) == .object {
            try Contradiction.unless(!(isAccepted && schema.refusesEveryObject), "a schema that refuses every object accepts one")
            try Contradiction.unless(isAccepted || !schema.acceptsEveryObject, "a schema that accepts every object does not accept one")
        }
        let isSmall = text.count < 1_000 && value.count < 1_000 && !String(decoding: text, as: UTF8.self).contains("$")
        guard isSmall, let negation = try? Schema(JSONText(json: Array(#"{"not":"#.utf8) + text + [UInt8(ascii: "}")])) else { return }
        try Contradiction.unless(negation.isUndecided(.root, in: tape) == isUndecided, "only one of schema and negation is undecided")
        guard !isUndecided else { return }
        try Contradiction.unless(negation.accepts(.root, in: tape) != isAccepted, "schema and negation agree")
    }
}
