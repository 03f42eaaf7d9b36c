import Decision
import Policy
import StrictJSON
import Testing

/// Arguments as long as a line may be, against rules that make much of them: there is a decision soon, and where the work was too much it is
/// not `allow`.
@Suite(.serialized) struct ExpensiveCallTests {
    /// What a debug build on a busy machine may take; in release it is a fraction of a second.
    private static let limit = Duration.seconds(20)

    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        var schema: String?
        var when: Condition?
        let arguments: String
    }

    private static func many(_ count: Int, _ part: (Int) -> String) -> String { (0..<count).map(part).joined(separator: ",") }

    private static func when(_ operators: Condition.Operator...) -> Condition { .argument(JSONPointer("/a")!, operators) }

    private static let long = String(repeating: "a", count: 900_000)
    private static let strings = "[\(many(32_000) { "\"aaaaaaaaaaaaaaaaaaaa\($0)\"" })]"
    private static let names = many(12_000) { "\"aaaaaaaaaaaaaaaaaaaa\($0)\":1" }
    private static let nested = String(repeating: "[", count: 60) + many(30_000) { _ in "[]" } + String(repeating: "]", count: 60)

    private static let cases: [Case] = [
        Case(testDescription: "unique strings", schema: #"{"properties":{"a":{"uniqueItems":true}}}"#, arguments: #"{"a":\#(strings)}"#),
        Case(
            testDescription: "unique objects", schema: #"{"properties":{"a":{"uniqueItems":true}}}"#,
            arguments: #"{"a":[\#(many(10_000) { "{\"x\":\($0),\"y\":[\($0)]}" })]}"#),
        Case(
            testDescription: "one long text", schema: #"{"properties":{"a":{"pattern":"^(a?){50}a{50}$|(a|b)*c"}}}"#,
            arguments: #"{"a":"\#(long)"}"#),
        Case(
            testDescription: "many patterns of one name each",
            schema: "{\"patternProperties\":{\(many(400) { "\"^(a|b)*c\($0)$\":true" })}}", arguments: "{\(names)}"),
        Case(
            testDescription: "many properties of many names",
            schema: "{\"properties\":{\(many(3_000) { "\"aaaaaaaaaaaaaaaaaaab\($0)\":true" })}}",
            arguments: "{\(names)}"),
        Case(
            testDescription: "many required names that are missing", schema: "{\"required\":[\(many(3_000) { "\"n\($0)\"" })]}",
            arguments: "{\(names)}"),
        Case(
            testDescription: "names that are others but for case", schema: "{\"properties\":{\(many(500) { "\"É\($0)\":true" })}}",
            arguments: "{\(many(30_000) { "\"é\($0)x\":1" })}"),
        Case(
            testDescription: "dependencies", schema: "{\"dependentRequired\":{\(many(2_000) { "\"d\($0)\":[\"x\"]" })}}",
            arguments: "{\(names)}"),
        Case(
            testDescription: "doubling combinations",
            schema:
                "{\"$defs\":{\(many(30) { "\"d\($0)\":{\"allOf\":[{\"$ref\":\"#/$defs/d\($0 + 1)\"},{\"$ref\":\"#/$defs/d\($0 + 1)\"}]}" }),\"d30\":true},\"$ref\":\"#/$defs/d0\"}",
            arguments: "{}"),
        Case(
            testDescription: "doubling through elements",
            schema:
                ##"{"$defs":{"t":{"items":{"anyOf":[{"type":"string"},{"$ref":"#/$defs/t"},{"$ref":"#/$defs/t"}]},"not":{"const":1}}},"properties":{"a":{"$ref":"#/$defs/t"}}}"##,
            arguments: #"{"a":\#(nested)}"#),
        Case(
            testDescription: "large values of an enum",
            schema: "{\"properties\":{\"a\":{\"enum\":[\(many(200) { "[\(many(200) { "\($0)" }),\"\($0)\"]" })]}}}",
            arguments: "{\"a\":[\(many(200) { "\($0)" }),\"x\"]}"),
        Case(
            testDescription: "elements against large values of an enum",
            schema: "{\"properties\":{\"a\":{\"items\":{\"enum\":[\(many(200) { "[\(many(200) { _ in "1.0e0" }),\($0 + 5)]" })]}}}}",
            arguments: "{\"a\":[\(many(300) { _ in "[\(many(200) { _ in "1" }),1]" })]}"),
        Case(
            testDescription: "a number of a million digits", schema: #"{"properties":{"a":{"multipleOf":0.07,"minimum":1e-300}}}"#,
            arguments: #"{"a":\#(String(repeating: "9", count: 1_000_000))}"#),
        Case(
            testDescription: "many long numbers",
            schema: #"{"properties":{"a":{"items":{"type":"integer","multipleOf":7,"enum":[1,2,3,4,5,6,7,8]}}}}"#,
            arguments: "{\"a\":[\(many(40) { _ in String(repeating: "9", count: 25_000) })]}"),
        Case(testDescription: "an expression over a long text", when: when(.matches("(a?){100}a{100}b")), arguments: #"{"a":"\#(long)"}"#),
        Case(
            testDescription: "many expressions over a long text", when: .any((0..<500).map { when(.matches("(a|b)*c\($0)")) }),
            arguments: #"{"a":"\#(long)"}"#),
        Case(
            testDescription: "each element an expression", when: when(.each([.matches("(a|b)*c"), .startsWith("a")])),
            arguments: #"{"a":\#(strings)}"#),
        Case(
            testDescription: "contained in a long text", when: when(.contains(JSONText(json: Array("\"\(long.prefix(400_000))b\"".utf8)))),
            arguments: #"{"a":"\#(long)"}"#),
        Case(
            testDescription: "contained in many", when: when(.contains(JSONText(json: Array("[\(many(1_000) { "\($0)" })]".utf8)))),
            arguments: "{\"a\":[\(many(60) { _ in "[\(many(1_000) { "\($0)" }),1]" })]}"),
        Case(
            testDescription: "one of many values", when: when(.isIn((0..<3_000).map { JSONText(json: Array("[\($0)]".utf8)) })),
            arguments: "{\"a\":[\(many(30_000) { "\($0)" })]}"),
        Case(
            testDescription: "a long path", when: when(.inside(["/home/ann"])),
            arguments: #"{"a":"/\#(String(repeating: "x/../", count: 180_000))"}"#),
        Case(
            testDescription: "a long host", when: when(.hostIn(["*.example.com"])),
            arguments: #"{"a":"https://\#(String(repeating: "a.", count: 400_000))example.com/"}"#),
        Case(
            testDescription: "hosts of many elements", when: when(.each([.hostIn((0..<2_000).map { "10.\($0 / 250).\($0 % 250).0/24" })])),
            arguments: #"{"a":[\#(many(30_000) { "\"http://10.9.\($0 % 250).1/\"" })]}"#),
    ]

    @Test("a call near a limit is decided soon", arguments: cases)
    func decides(_ testCase: Case) throws {
        let rule = Rule(
            id: "r", tools: [try #require(ToolPattern("t"))], effect: .allow,
            arguments: testCase.schema.map { JSONText(json: Array($0.utf8)) }, when: testCase.when)
        var rules: LayeredRules?
        let compiling = try ContinuousClock().measure { rules = try LayeredRules(policy: ToolsClause(rules: [rule]), cwd: "/") }
        var tape = JSONTape(seed: 1)
        try tape.parse(Array(testCase.arguments.utf8))
        var judgement: Judgement?
        let deciding = ContinuousClock().measure { judgement = rules?.judge(Array("t".utf8), arguments: .root, in: tape) }
        #expect(compiling < Self.limit)
        #expect(deciding < Self.limit)
        #expect(judgement != nil)
    }
}
