import StrictJSON
import Testing

@Suite struct WritingTests {
    @Test("a tree is written compactly, in order, with the fewest escapes and its number tokens")
    func encodes() throws {
        let value = try parse(#"{ "b" : [ 1.50 , 1E2 ] , "a" : "\u0041\/\u000A\u001f\"\\\u007f é" }"#)
        #expect(String(decoding: value.encoded(), as: UTF8.self) == "{\"b\":[1.50,1E2],\"a\":\"A/\\n\\u001f\\\"\\\\\u{7F} é\"}")
    }

    @Test(
        "the canonical form has ECMAScript's numbers",
        arguments: [
            ("0", "0"), ("-0", "0"), ("-0.0", "0"), ("1.0", "1"), ("4.50", "4.5"), ("2e-3", "0.002"), ("1e21", "1e+21"),
            ("9e15", "9000000000000000"),
            ("0.000001", "0.000001"), ("1e-7", "1e-7"), ("123456.789", "123456.789"), ("-1.5e300", "-1.5e+300"), ("5e-324", "5e-324"),
            ("9007199254740992", "9007199254740992"), ("-9007199254740992", "-9007199254740992"), ("0e999999999999999999999999", "0"),
        ])
    func canonicalNumbers(_ token: String, _ expected: String) throws {
        #expect(String(decoding: try parse(token).canonical(), as: UTF8.self) == expected)
    }

    @Test(
        "a number that a double does not carry has no canonical form",
        arguments: [
            ("9007199254740993", JSONCanonicalError.integerTooLarge(token: "9007199254740993")),
            ("-9223372036854775808", .integerTooLarge(token: "-9223372036854775808")),
            ("18446744073709551616", .integerTooLarge(token: "18446744073709551616")),
            ("1e20", .integerTooLarge(token: "1e20")), ("-2E16", .integerTooLarge(token: "-2E16")),
            ("0.10000000000000000555", .inexactNumber(token: "0.10000000000000000555")),
            ("1e999", .inexactNumber(token: "1e999")), ("1e-400", .inexactNumber(token: "1e-400")),
            ("9007199254740993.0", .inexactNumber(token: "9007199254740993.0")),
        ])
    func refusesInexact(_ token: String, _ error: JSONCanonicalError) {
        #expect(throws: error) { try parse("[\(token)]").canonical() }
    }

    @Test("canonical names are sorted by UTF-16 code units")
    func sortsNames() throws {
        let value = try parse("{\"\u{E000}\":1,\"\u{1F600}\":2,\"b\":3,\"\":4,\"a\":5,\"\u{D7FF}\":6,\"aa\":7}")
        #expect(
            String(decoding: try value.canonical(), as: UTF8.self)
                == "{\"\":4,\"a\":5,\"aa\":7,\"b\":3,\"\u{D7FF}\":6,\"\u{1F600}\":2,\"\u{E000}\":1}")
    }

    @Test("objects are equal whatever the order of their members, arrays are not")
    func equality() throws {
        #expect(try parse("{\"a\":1,\"b\":2}") == parse("{\"b\":2,\"a\":1}"))
        #expect(try parse("{\"a\":1,\"b\":2}").hashValue == parse("{\"b\":2,\"a\":1}").hashValue)
        #expect(try parse("[1,2]") != parse("[2,1]"))
        #expect(try parse("1.0") != parse("1"))
    }

    @Test("a member is replaced in place, appended or removed")
    func edits() {
        var object = JSONObject([("a", 1), ("b", 2)])
        object["a"] = 3
        object["c"] = 4
        object["b"] = nil
        #expect(JSON.object(object).encoded() == Array(#"{"a":3,"c":4}"#.utf8))
    }

    @Test(
        "tokens that are not JSON numbers make no number",
        arguments: ["", "1x", "01", "+1", "1.", ".5", "1e", "--1", " 1", "0x1", "Infinity"])
    func refusesTokens(_ token: String) {
        #expect(JSONNumber(token: token) == nil)
    }
}
