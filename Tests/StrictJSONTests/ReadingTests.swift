import StrictJSON
import Testing

/// `text` as a tree.
func parse(_ text: String, whitespace: JSONWhitespace = .rfc8259) throws(JSONError) -> JSON {
    try JSON(parsing: Array(text.utf8), whitespace: whitespace)
}

@Suite struct ReadingTests {
    @Test("a document is read into the values it denotes")
    func readsValues() throws {
        let value = try parse(#" {"a": [1, -2.50, true, false, null, "x\u00e9\ud83d\ude00\n\/"], "b": {}, "c": []} "#)
        #expect(value == ["a": [1, .number(JSONNumber(token: "-2.50")!), true, false, nil, "xé😀\n/"], "b": [:], "c": []])
        #expect(value["a"]?.array?[0].int64 == 1)
        #expect(value["a"]?.array?[1].number?.token == "-2.50")
        #expect(value.object?.members.map(\.name) == ["a", "b", "c"])
    }

    @Test(
        "what is not one strict document is refused, with kind and place",
        arguments: [
            ("", JSONError.Kind.unexpectedEnd, 0), ("  ", .unexpectedEnd, 2), ("[", .unexpectedEnd, 1), ("[1", .unexpectedEnd, 2),
            ("[1,]", .unexpectedByte, 3), ("[,1]", .unexpectedByte, 1), ("{\"a\":1,}", .unexpectedByte, 7), ("{a:1}", .unexpectedByte, 1),
            ("[1}", .unexpectedByte, 2), ("{\"a\" 1}", .unexpectedByte, 5), ("1 2", .trailingData, 2), ("{}{}", .trailingData, 2),
            ("{}\u{2028}{}", .trailingData, 2), ("NaN", .unexpectedByte, 0), ("nul", .invalidLiteral, 0), ("trux", .invalidLiteral, 0),
            ("01", .invalidNumber, 0), ("1.", .invalidNumber, 0), ("-", .invalidNumber, 0), ("1e+", .invalidNumber, 0),
            ("+1", .unexpectedByte, 0),
            ("\"\\x\"", .invalidEscape, 1), ("\"\\u12g4\"", .invalidEscape, 1), ("\"\\ud800\"", .loneSurrogate, 1),
            ("\"\\ud800\\u0041\"", .loneSurrogate, 1), ("\"\\udc00\"", .loneSurrogate, 1), ("\"a\nb\"", .controlCharacter, 2),
            ("\"abc", .unexpectedEnd, 4), ("{\"a\":1,\"a\":2}", .duplicateMember, 7),
            ("{\"a\":{\"b\":1,\"\\u0062\":2}}", .duplicateMember, 12),
            ("// x\n1", .unexpectedByte, 0), ("[1 2]", .unexpectedByte, 3),
        ])
    func refuses(_ text: String, _ kind: JSONError.Kind, _ offset: Int) {
        #expect(throws: JSONError(kind, at: offset)) { try parse(text) }
    }

    @Test(
        "bytes that are not UTF-8 are refused",
        arguments: [
            ([0xEF, 0xBB, 0xBF, 0x31], JSONError.Kind.byteOrderMark), ([0x22, 0xC0, 0xAF, 0x22], .invalidUTF8),
            ([0x22, 0xE0, 0x80, 0xAF, 0x22], .invalidUTF8), ([0x22, 0xED, 0xA0, 0x80, 0x22], .invalidUTF8),
            ([0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], .invalidUTF8), ([0x22, 0xFF, 0x22], .invalidUTF8), ([0x22, 0xC3, 0x22], .invalidUTF8),
            ([0x22, 0x80, 0x22], .invalidUTF8), ([0x22, 0xF0, 0x9F, 0x98], .invalidUTF8),
        ] as [([UInt8], JSONError.Kind)])
    func refusesBytes(_ bytes: [UInt8], _ kind: JSONError.Kind) {
        let error = #expect(throws: JSONError.self) { try JSON(parsing: bytes) }
        #expect(error?.kind == kind)
    }

    @Test("64 levels are read and the 65th is refused")
    func boundsDepth() throws {
        _ = try parse(String(repeating: "[", count: 64) + String(repeating: "]", count: 64))
        #expect(throws: JSONError(.tooDeep, at: 64)) { try parse(String(repeating: "[", count: 65) + String(repeating: "]", count: 65)) }
    }

    @Test("nodes and bytes are bounded")
    func boundsSize() throws {
        let limits = JSONLimits(members: 4, bytes: 16)
        _ = try JSON(parsing: Array("{\"a\":[1]}".utf8), limits: limits)
        #expect(throws: JSONError(.tooManyMembers, at: 8)) { try JSON(parsing: Array("{\"a\":[1,2]}".utf8), limits: limits) }
        #expect(throws: JSONError(.tooLong, at: 16)) { try JSON(parsing: Array("                1".utf8), limits: limits) }
    }

    @Test("only spaces may stand between tokens where that is asked for", arguments: ["\t", "\r", "\n"])
    func refusesRawControls(_ control: String) throws {
        _ = try parse("{\"a\": [1 , 2 ] }", whitespace: .spacesOnly)
        _ = try parse("{\"a\":\(control)1}")
        for text in ["{\"a\":\(control)1}", "[\(control)]", "\(control)1", "1\(control)", "[1\(control),2]", "{\(control)\"a\":1}"] {
            let error = #expect(throws: JSONError.self) { try parse(text, whitespace: .spacesOnly) }
            #expect(error?.kind == .forbiddenWhitespace)
        }
    }

    @Test("names are compared by bytes, never as Unicode equivalents")
    func comparesBytes() throws {
        let value = try parse("{\"K\":1,\"\u{212A}\":2,\"\u{E9}\":3,\"e\u{301}\":4}")
        #expect(value["K"] == 1)
        #expect(value["\u{212A}"] == 2)
        #expect(value["\u{E9}"] == 3)
        #expect(value["e\u{301}"] == 4)
        #expect(JSON.string("K") != JSON.string("\u{212A}"))
    }

    @Test("many members of one object are found to be unique, or not")
    func findsDuplicateAmongMany() throws {
        let members = (0..<5_000).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
        #expect(try parse("{\(members)}").object?.count == 5_000)
        let error = #expect(throws: JSONError.self) { try parse("{\(members),\"k\\u0031234\":0}") }
        #expect(error?.kind == .duplicateMember)
    }
}
