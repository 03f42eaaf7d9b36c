import Decision
import Policy
import StrictJSON
import Testing

private func accepts(_ schema: String, _ value: String) throws -> Bool {
    let schema = try Schema(JSONText(json: Array(schema.utf8)))
    var tape = JSONTape()
    try tape.parse(Array(value.utf8))
    return schema.accepts(.root, in: tape)
}

@Suite struct SchemaTests {
    @Test(
        "types are those of JSON Schema 2020-12",
        arguments: [
            ("integer", "1", true), ("integer", "1.0", true), ("integer", "1e2", true), ("integer", "1.5", false),
            ("integer", "1e-1", false),
            ("integer", "123456789012345678901234567890", true), ("number", "1.5", true), ("number", "\"1\"", false),
            ("string", "\"1\"", true),
            ("null", "null", true), ("null", "0", false), ("boolean", "false", true), ("boolean", "0", false), ("array", "[]", true),
            ("object", "{}", true), ("object", "[]", false),
        ])
    func types(_ type: String, _ value: String, _ expected: Bool) throws {
        #expect(try accepts(#"{"type":"\#(type)"}"#, value) == expected)
        #expect(try accepts(#"{"type":["\#(type)","null"]}"#, "null"))
    }

    @Test(
        "members are required, judged by name after unescaping, and limited",
        arguments: [
            (#"{"required":["a"]}"#, #"{"\u0061":1}"#, true), (#"{"required":["a"]}"#, #"{"A":1}"#, false),
            (#"{"required":["a"]}"#, "[1]", true),
            (#"{"properties":{"a":{"type":"string"}}}"#, #"{"a":1}"#, false),
            (#"{"properties":{"a":{"type":"string"}}}"#, #"{"b":1}"#, true),
            (#"{"properties":{"a":{}},"additionalProperties":false}"#, #"{"a":1,"b":2}"#, false),
            (#"{"properties":{"a":false}}"#, #"{"a":1}"#, false),
            (#"{"additionalProperties":{"type":"integer"}}"#, #"{"a":1,"b":"x"}"#, false),
            (#"{"properties":{"a":{"properties":{"b":{"enum":[2]}}}}}"#, #"{"a":{"b":3}}"#, false),
            ("true", "1", true), ("false", "1", false), ("{}", "[[]]", true),
        ])
    func members(_ schema: String, _ value: String, _ expected: Bool) throws {
        #expect(try accepts(schema, value) == expected)
    }

    @Test(
        "enum compares values, not texts",
        arguments: [
            ("[1]", "1.0", true), ("[1.0]", "1", true), ("[100]", "1e2", true), ("[0]", "-0", true), ("[1]", "true", false),
            ("[1]", "\"1\"", false),
            ("[9007199254740993]", "9007199254740992", false), (#"["\u212a"]"#, "\"K\"", false), (#"["a"]"#, #""\u0061""#, true),
            (#"[{"a":1,"b":[2]}]"#, #"{"b":[2.0],"a":1}"#, true), (#"[{"a":1}]"#, #"{"a":1,"b":2}"#, false), ("[[1,2]]", "[2,1]", false),
            ("[null]", "null", true), ("[false]", "false", true), ("[false]", "0", false),
        ])
    func enums(_ values: String, _ value: String, _ expected: Bool) throws {
        #expect(try accepts("{\"enum\":\(values)}", value) == expected)
    }

    @Test(
        "what is not understood is refused with its place",
        arguments: [
            ("[]", SchemaProblem(.notSchema, at: "")), ("{", SchemaProblem(.notJSON, at: "")),
            (#"{"type":"text"}"#, SchemaProblem(.badValue(keyword: "type"), at: "/type")),
            (#"{"type":[]}"#, SchemaProblem(.badValue(keyword: "type"), at: "/type")),
            (#"{"required":["a","a"]}"#, SchemaProblem(.badValue(keyword: "required"), at: "/required/1")),
            (#"{"enum":[]}"#, SchemaProblem(.badValue(keyword: "enum"), at: "/enum")),
            (#"{"properties":{"~":3}}"#, SchemaProblem(.notSchema, at: "/properties/~0")),
            (#"{"title":1}"#, SchemaProblem(.badValue(keyword: "title"), at: "/title")),
        ])
    func refuses(_ schema: String, _ problem: SchemaProblem) {
        #expect(throws: problem) { try Schema(JSONText(json: Array(schema.utf8))) }
    }

    @Test("annotations say nothing about values")
    func annotations() throws {
        let schema =
            #"{"title":"t","description":"d","default":1,"examples":[1],"$comment":"c","$schema":"https://json-schema.org/draft/2020-12/schema"}"#
        #expect(try accepts(schema, "\"anything\""))
    }
}
