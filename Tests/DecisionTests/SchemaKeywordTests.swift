import Decision
import Policy
import StrictJSON
import Testing

/// What a schema says of a value: true, false, or nil where it is unknown.
private func judge(_ schema: String, _ value: String) throws -> Bool? {
    let schema = try Schema(JSONText(json: Array(schema.utf8)))
    var tape = JSONTape()
    try tape.parse(Array(value.utf8))
    return schema.isUndecided(.root, in: tape) ? nil : schema.accepts(.root, in: tape)
}

/// The keywords that the suite's files here do not try, or not at their edges.
@Suite struct SchemaKeywordTests {
    @Test(
        "numbers are compared exactly",
        arguments: [
            (#"{"minimum":9007199254740993}"#, "9007199254740992", false), (#"{"minimum":0.1}"#, "0.1", true),
            (#"{"minimum":0.1}"#, "0.09999999999999999999999", false), (#"{"exclusiveMinimum":0}"#, "1e-400", true),
            (#"{"maximum":1e400}"#, "1e401", false), (#"{"maximum":1e400}"#, "1e99999999999999999999", false),
            (#"{"exclusiveMaximum":10}"#, "9.99999999999999999999999999", true), (#"{"exclusiveMaximum":10}"#, "10.0", false),
            (#"{"multipleOf":0.01}"#, "4.35", true), (#"{"multipleOf":0.01}"#, "4.355", false), (#"{"multipleOf":3}"#, "3e300", true),
            (#"{"multipleOf":7}"#, "1e300", false), (#"{"multipleOf":7}"#, "-21", true), (#"{"multipleOf":7}"#, "0", true),
            (#"{"multipleOf":1e-8}"#, "12391239123", true), (#"{"multipleOf":2.5}"#, "7.5", true), (#"{"multipleOf":2.5}"#, "8", false),
            (#"{"multipleOf":3}"#, "-9223372036854775808", false), (#"{"multipleOf":2}"#, "\"x\"", true),
        ])
    func numbers(_ schema: String, _ value: String, _ expected: Bool) throws {
        #expect(try judge(schema, value) == expected)
    }

    @Test(
        "lengths are counted in scalars after unescaping",
        arguments: [
            (#"{"maxLength":1}"#, #""\ud83d\udc32""#, true), (#"{"maxLength":1}"#, "\"🐲\"", true),
            (#"{"minLength":2}"#, #""\u0061""#, false),
            (#"{"minLength":2}"#, "\"e\u{301}\"", true), (#"{"minLength":2.0,"maxLength":3}"#, "\"abcd\"", false),
        ])
    func lengths(_ schema: String, _ value: String, _ expected: Bool) throws {
        #expect(try judge(schema, value) == expected)
    }

    @Test(
        "a pattern means what ECMA-262 says",
        arguments: [
            ("a.c", "a\\nc", false), ("a.c", "a\\u2028c", false), ("^a.c$", "a🐲c", true), ("^[^\\\\S]$", "\\u00a0", true),
            ("^(?<year>[0-9]{4})$", "2024", true), ("^\\\\u0061\\\\x62\\\\u{63}$", "abc", true), ("^[\\\\b]$", "\\b", true),
            ("[]", "x", false), ("^[^]$", "\\n", true), ("^[[:alpha:]]$", "a", false), ("^[\\\\w.-]+$", "a-b.c", true),
            ("^\\\\p{Lu}\\\\P{Lu}$", "Ab", true), ("^\\\\p{Script=Greek}$", "α", true), ("b", "abc", true), ("", "", true),
            ("^\\\\0$", "\\u0000", true), ("^(a|b)*?$", "abab", true), ("^/$", "/", true), ("^\\\\/$", "/", true),
        ])
    func patterns(_ pattern: String, _ value: String, _ expected: Bool) throws {
        #expect(try judge("{\"pattern\":\"\(pattern)\"}", "\"\(value)\"") == expected)
    }

    @Test(
        "a pattern that RE2 cannot express is refused at its place",
        arguments: [
            "(?=a)", "(?!a)", "(?<=a)", "(?<!a)", "(a)\\\\1", "(?<n>a)\\\\k<n>", "(?i)a", "(?P<n>a)", "\\\\Aa", "a\\\\z", "\\\\Qa", "\\\\a",
            "(",
            "[", "a{2000}", "((a{500}){500}){500}", "\\\\", "\\\\p{Nonsense}", "\\\\pL", "\\\\ud800", "[\\\\s-z]", "\\\\u{110000}", "a**",
        ])
    func refusesPatterns(_ pattern: String) {
        for (schema, place) in [
            ("{\"pattern\":\"\(pattern)\"}", "/pattern"), ("{\"patternProperties\":{\"\(pattern)\":{}}}", "/patternProperties/"),
        ] {
            let error = #expect(throws: SchemaProblem.self) { try Schema(JSONText(json: Array(schema.utf8))) }
            #expect(error?.pointer.hasPrefix(place) == true)
            if case .badPattern? = error?.kind {} else { Issue.record("refused for something else: \(String(describing: error))") }
        }
    }

    @Test(
        "what is not understood is refused with its place",
        arguments: [
            (##"{"$ref":"#"}"##, SchemaProblem(.endlessReference("#"), at: "/$ref")),
            (
                ##"{"$defs":{"a":{"anyOf":[{"$ref":"#/$defs/a"},{}]}}}"##,
                SchemaProblem(.endlessReference("#/$defs/a"), at: "/$defs/a/anyOf/0/$ref")
            ),
            (
                ##"{"$defs":{"a":{"not":{"$ref":"#b"}},"b":{"$anchor":"b","if":{"$ref":"#/$defs/a"}}}}"##,
                SchemaProblem(.endlessReference("#b"), at: "/$defs/a/not/$ref")
            ),
            (##"{"dependentSchemas":{"x":{"$ref":"#"}}}"##, SchemaProblem(.endlessReference("#"), at: "/dependentSchemas/x/$ref")),
            (##"{"$ref":"#/nowhere"}"##, SchemaProblem(.unresolvedReference("#/nowhere"), at: "/$ref")),
            (##"{"$ref":"#/properties","properties":{}}"##, SchemaProblem(.unresolvedReference("#/properties"), at: "/$ref")),
            (#"{"items":{"$ref":"other.json"}}"#, SchemaProblem(.unresolvedReference("other.json"), at: "/items/$ref")),
            (
                #"{"additionalProperties":{"contentEncoding":"base64"}}"#,
                SchemaProblem(.unsupportedKeyword("contentEncoding"), at: "/additionalProperties/contentEncoding")
            ),
            (#"{"$vocabulary":{}}"#, SchemaProblem(.unsupportedKeyword("$vocabulary"), at: "/$vocabulary")),
            (
                #"{"unevaluatedProperties":false}"#,
                SchemaProblem(.unsupportedKeyword("unevaluatedProperties"), at: "/unevaluatedProperties")
            ),
            (#"{"items":[{}]}"#, SchemaProblem(.notSchema, at: "/items")),
            (#"{"anyOf":[]}"#, SchemaProblem(.badValue(keyword: "anyOf"), at: "/anyOf")),
            (#"{"multipleOf":0}"#, SchemaProblem(.badValue(keyword: "multipleOf"), at: "/multipleOf")),
            (#"{"minLength":-1}"#, SchemaProblem(.badValue(keyword: "minLength"), at: "/minLength")),
            (#"{"minLength":1.5}"#, SchemaProblem(.badValue(keyword: "minLength"), at: "/minLength")),
            (#"{"maximum":"1"}"#, SchemaProblem(.badValue(keyword: "maximum"), at: "/maximum")),
            (#"{"maximum":1e99999999999}"#, SchemaProblem(.badValue(keyword: "maximum"), at: "/maximum")),
            (
                #"{"dependentRequired":{"a":["b","b"]}}"#,
                SchemaProblem(.badValue(keyword: "dependentRequired"), at: "/dependentRequired/a/1")
            ),
            (#"{"$schema":"http://json-schema.org/draft-07/schema#"}"#, SchemaProblem(.badValue(keyword: "$schema"), at: "/$schema")),
            (#"{"format":"regex"}"#, SchemaProblem(.unsupportedFormat("regex"), at: "/format")),
        ])
    func refuses(_ schema: String, _ problem: SchemaProblem) {
        #expect(throws: problem) { try Schema(JSONText(json: Array(schema.utf8))) }
    }

    @Test(
        "where case decides, the answer is unknown, and no combination makes it known",
        arguments: [
            (#"{"properties":{"a":{"maximum":1}}}"#, #"{"A":9}"#), (#"{"properties":{"a":{}},"additionalProperties":false}"#, #"{"A":9}"#),
            (#"{"required":["a"]}"#, #"{"A":9}"#), (#"{"not":{"required":["a"]}}"#, #"{"A":9}"#),
            (#"{"not":{"properties":{"a":{"const":1}}}}"#, #"{"a\u0000":1}"#),
            (#"{"patternProperties":{"^secret":false}}"#, #"{"Secret_x":1}"#),
            (#"{"patternProperties":{"^k":false}}"#, "{\"\u{212A}ey\":1}"),
            (#"{"patternProperties":{"^[^a-z]+$":{}},"additionalProperties":false}"#, #"{"A":1}"#),
            (#"{"propertyNames":{"enum":["a"]}}"#, #"{"A":1}"#), (#"{"propertyNames":{"not":{"const":"danger"}}}"#, #"{"DANGER":1}"#),
            (#"{"propertyNames":{"pattern":"^[a-z]$"}}"#, #"{"A":1}"#), (#"{"dependentRequired":{"a":["b"]}}"#, #"{"A":1}"#),
            (#"{"dependentRequired":{"a":["b"]}}"#, #"{"a":1,"B":1}"#), (#"{"dependentSchemas":{"a":false}}"#, #"{"A":1}"#),
            (#"{"const":{"a":1}}"#, #"{"A":1}"#), (#"{"not":{"enum":[[{"a":1}]]}}"#, #"[{"A":1}]"#),
            (#"{"maxProperties":1}"#, #"{"x":1,"X":1}"#),
            (#"{"minProperties":2}"#, #"{"x":1,"X":1}"#), (#"{"uniqueItems":true}"#, #"[{"a":1},{"A":1}]"#),
            (#"{"uniqueItems":true}"#, #"[{"a":1,"A":2},{"a":2}]"#), (#"{"if":{"required":["a"]},"then":false}"#, #"{"A":1}"#),
            (#"{"oneOf":[{"required":["a"]},{"type":"string"}]}"#, #"{"A":1}"#), (#"{"contains":{"required":["a"]}}"#, #"[{"A":1}]"#),
            (#"{"items":{"format":"hostname"}}"#, #"["xn--a"]"#),
        ])
    func unknown(_ schema: String, _ value: String) throws {
        #expect(try judge(schema, value) == nil)
        #expect(try judge("{\"not\":\(schema)}", value) == nil)
        #expect(try judge("{\"allOf\":[\(schema),true],\"anyOf\":[false,\(schema)]}", value) == nil)
        #expect(try judge("{\"allOf\":[\(schema),false]}", value) == false)
        #expect(try judge("{\"anyOf\":[\(schema),true]}", value) == true)
        let allow = rule("r", ["t"], .allow, schema), deny = rule("r", ["t"], .deny, schema)
        guard value.hasPrefix("{") else { return }
        #expect(try decide([allow], "t", value) == .block(.noRuleApplies(layer: nil)))
        #expect(try decide([deny], default: .allow, "t", value) == .block(.deniedByRule(.rule("r"), why: nil)))
    }

    @Test(
        "where case decides nothing, the answer is known",
        arguments: [
            (#"{"properties":{"a":{},"A":{}}}"#, #"{"a":1,"A":2}"#, true),
            (#"{"patternProperties":{"^x-":{}},"additionalProperties":false}"#, #"{"x-A":1}"#, true),
            (#"{"properties":{"a":{}}}"#, #"{"b":1,"B":2}"#, true),
            (#"{"properties":{"Ab":{}},"patternProperties":{"^a":false}}"#, #"{"Ab":1}"#, true),
            (#"{"const":{"a":1}}"#, #"{"b":1}"#, false), (#"{"const":"a"}"#, "\"A\"", false), (#"{"pattern":"a"}"#, "\"A\"", false),
            (#"{"propertyNames":{"maxLength":1}}"#, #"{"A":"long"}"#, true), (#"{"propertyNames":{"enum":["a"]}}"#, #"{"b":1}"#, false),
        ])
    func known(_ schema: String, _ value: String, _ expected: Bool) throws {
        #expect(try judge(schema, value) == expected)
    }

    @Test("recursion is followed as deep as a value is, and work is bounded")
    func recursion() throws {
        let tree = ##"{"type":"object","properties":{"children":{"items":{"$ref":"#"}}},"additionalProperties":false}"##
        #expect(try judge(tree, #"{"children":[{},{"children":[{"children":[]}]}]}"#) == true)
        #expect(try judge(tree, #"{"children":[{},{"children":[{"child":1}]}]}"#) == false)
        let fan =
            ##"{"anyOf":[{"items":{"$ref":"#"},"minItems":1},{"items":{"$ref":"#"},"maxItems":1},{"items":{"$ref":"#"},"minItems":9}],"not":{"const":0}}"##
        let deep = String(repeating: "[", count: 60) + "0" + String(repeating: "]", count: 60)
        #expect(try judge(fan, deep) != true)
        let many = "[" + (0..<40_000).map(String.init).joined(separator: ",") + "]"
        #expect(try judge(#"{"uniqueItems":true,"items":{"minimum":0}}"#, many) == true)
        let wide = "{\"enum\":[" + (0..<2_000).map { "\"v\($0)\"" }.joined(separator: ",") + "]}"
        #expect(try judge("{\"items\":{\"not\":\(wide)}}", many) == nil)
    }

    @Test(
        "formats are asserted",
        arguments: [
            ("date-time", "2024-02-29T23:59:60Z", true), ("date-time", "2023-02-29T00:00:00Z", false),
            ("date-time", "2024-01-01 00:00:00Z", false),
            ("date-time", "2024-01-01t00:00:00.5-01:30", true), ("email", "a.b+c@example.org", true), ("email", "a..b@example.org", false),
            ("email", "@example.org", false), ("email", "a@", false), ("email", #"\"a b\"@example.org"#, true),
            ("email", "a@[192.0.2.1]", true),
            ("email", "a@[IPv6:::1]", true), ("email", "a@[192.0.2]", false), ("email", "a b@example.org", false),
            ("email", "a@b@c", false),
            ("ipv4", "192.0.2.1", true), ("ipv4", "192.0.2.01", false), ("ipv4", "256.0.0.1", false), ("ipv4", "1.2.3", false),
            ("ipv4", "1.2.3.4.", false),
            ("uuid", "2EB8AA08-aa98-11ea-b4aa-73b441d16380", true), ("uuid", "2eb8aa08aa9811eab4aa73b441d16380", false),
            ("uri", "urn:x", true), ("uri", "http://[v1.a]/", true), ("uri", "http://[::1%25eth0]/", false), ("hostname", "", false),
        ])
    func formats(_ format: String, _ value: String, _ expected: Bool) throws {
        #expect(try judge("{\"format\":\"\(format)\"}", "\"\(value)\"") == expected)
    }
}
