import Decision
import Policy
import PolicyText
import StrictJSON
import Testing

/// Policies and calls near every limit end soon: with a policy, a decision or a reason.
@Suite(.serialized) struct ExpensivePolicyTests {
    /// What a debug build on a busy machine may take; in release it is a fraction of a second.
    private static let limit = Duration.seconds(20)

    private static func many(_ count: Int, _ separator: String, _ part: (Int) -> String) -> String {
        (0..<count).map(part).joined(separator: separator)
    }

    private static func policy(arguments: String) -> String {
        "sandboxd: 1\nname: p\ntools: {rules: [{tools: [t], effect: allow, arguments: \(arguments)}]}\n"
    }

    private static func policy(when: String) -> String {
        "sandboxd: 1\nname: p\ntools: {rules: [{tools: [t], effect: allow, when: \(when)}]}\n"
    }

    private static let policies: [(String, String)] = [
        ("deep schemas", policy(arguments: String(repeating: "{not: ", count: 31) + "true" + String(repeating: "}", count: 31))),
        (
            "a web of references",
            policy(
                arguments:
                    "{$defs: {\(many(700, ", ") { "d\($0): {allOf: [{$ref: '#/$defs/d\(($0 + 1) % 700)'}, {$ref: '#/$defs/d\(($0 * 7 + 1) % 700)'}]}" })}}"
            )
        ),
        (
            "a chain of references",
            policy(arguments: "{$defs: {\(many(2_500, ", ") { "d\($0): {$ref: '#/$defs/d\($0 + 1)'}" }), d2500: true}, $ref: '#/$defs/d0'}")
        ),
        ("many patterns", policy(arguments: "{patternProperties: {\(many(3_000, ", ") { "'^a{1,\($0 % 900 + 1)}\($0)$': true" })}}")),
        (
            "costly patterns",
            policy(arguments: "{patternProperties: {\(many(300, ", ") { "'^((a{1,30}){1,30}){1,\($0 % 30 + 1)}x\($0)$': true" })}}")
        ),
        ("one wide pattern", policy(arguments: "{pattern: '\(many(60_000, "") { _ in "\\p{L}" })'}")),
        ("many names", policy(arguments: "{required: [\(many(9_000, ", ") { "n\($0)" })]}")),
        ("many values", policy(arguments: "{enum: [\(many(9_000, ", ") { "n\($0)" })]}")),
        ("many conditions", policy(when: "{any: [\(many(2_500, ", ") { "{argument: /a, matches: '^a+\($0)$'}" })]}")),
        ("a long pointer", policy(when: "{argument: '\(String(repeating: "/a", count: 100_000))', exists: true}")),
        (
            "wide globs",
            "sandboxd: 1\nname: p\ntools: {rules: [\(many(3_000, ", ") { "{tools: ['*a*a*a*a*a*a*a*\($0)'], effect: allow}" })]}\n"
        ),
        (
            "one long glob",
            "sandboxd: 1\nname: p\ntools: {rules: [{tools: ['\(String(repeating: "*a", count: 100_000))'], effect: allow}]}\n"
        ),
        (
            "numbers",
            policy(arguments: "{minimum: 1e999999999, multipleOf: 1e-999999999, maximum: \(String(repeating: "9", count: 100_000))}")
        ),
        ("unknown keys", "sandboxd: 1\n" + many(9_000, "\n") { "somekey\($0): 1" }),
        ("variables", "sandboxd: 1\nname: p\nfiles: {read: ['\(String(repeating: "${cwd}", count: 40_000))']}\n"),
        (
            "variables of variables",
            "sandboxd: 1\nname: p\ninputs: {\(many(200, ", ") { "v\($0): '${v\($0 + 1)}${v\($0 + 1)}'" })}\nfiles: {read: ['${v0}']}\n"
        ),
        ("endpoints", "sandboxd: 1\nname: p\negress: {tcp: [\(many(9_000, ", ") { "'10.\($0 / 250).\($0 % 250).1:\($0 + 1)'" })]}\n"),
    ]

    @Test("a policy near a limit is read, or refused with reasons, soon", arguments: policies.map(\.0))
    func reads(_ name: String) throws {
        let text = try #require(Self.policies.first { $0.0 == name }?.1)
        var outcome = "a policy"
        let duration = ContinuousClock().measure { outcome = Self.read(text) }
        #expect(duration < Self.limit, "\(outcome)")
    }

    private static func read(_ text: String) -> String {
        do throws(Refusal) {
            let expanded = try PolicyText.parse(PolicySource(name: "p", bytes: Array(text.utf8)))
                .expanded(with: PolicyVariables(home: "/home/ann", cwd: "/home/ann/notes"))
            let policy = try expanded.resolved(with: expanded.requestedPaths.map { _ in .timedOut })
            return (try? LayeredRules(policy: policy.tools, cwd: "/")) == nil ? "no rules" : "a policy"
        } catch {
            return error.reasons.all.prefix(3).map { "\($0.code.rawValue) \($0.facts)" }.joined(separator: " ").prefix(300).description
        }
    }
}
