import Testing

@testable import ClientConfigs

@Suite struct ConfigReadingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let format: ConfigFormat
        let text: String
        let kind: ConfigProblem.Kind
        let line: Int
        let column: Int

        init(_ format: ConfigFormat, _ text: String, _ kind: ConfigProblem.Kind, _ line: Int, _ column: Int) {
            (self.format, self.text, self.kind, self.line, self.column) = (format, text, kind, line, column)
        }

        var testDescription: String { text }
    }

    private static let refused = [
        Case(.json, "{\n  \"a\": 1,\n  \"a\": 2}", .duplicate("a"), 3, 3), Case(.json, #"{"a": 1, "\u0061": 2}"#, .duplicate("a"), 1, 10),
        Case(.json, "{\"a\": 1} x", .unexpectedCharacter, 1, 10), Case(.json, "{\"a\": [1,,]}", .unexpectedCharacter, 1, 10),
        Case(.json, "[,]", .unexpectedCharacter, 1, 2), Case(.json, "{,}", .unexpectedCharacter, 1, 2),
        Case(.json, "{\"a\" 1}", .unexpectedCharacter, 1, 6),
        Case(.json, "{'a': 1}", .unexpectedCharacter, 1, 2), Case(.json, "{a: 1}", .unexpectedCharacter, 1, 2),
        Case(.json, "{\"a\": 01}", .badNumber, 1, 7), Case(.json, "{\"a\": NaN}", .badNumber, 1, 7),
        Case(.json, "{\"a\": 1.}", .badNumber, 1, 7),
        Case(.json, "{\"a\": \"é\n\"}", .controlCharacter, 1, 9), Case(.json, "{\"é\": \"\\x\"}", .badEscape, 1, 8),
        Case(.json, "{\"a\": \"\\ud800\"}", .badEscape, 1, 8), Case(.json, "{\"a\": \"\\u12\"}", .badEscape, 1, 8),
        Case(.json, "{\"a\": /* ", .unexpectedEnd, 1, 7), Case(.json, "{\"a\": / 1}", .unexpectedCharacter, 1, 7),
        Case(.json, "{\"a\": \"x", .unexpectedEnd, 1, 9),
        Case(.json, "{\"a\": {", .unexpectedEnd, 1, 8), Case(.json, "\u{FEFF}{\n  x}", .unexpectedCharacter, 2, 3),
        Case(.json, String(repeating: "[", count: 65), .tooDeep, 1, 65),
        Case(.toml, "a = 1\na = 2", .duplicate("a"), 2, 1), Case(.toml, "a.b = 1\na.b = 2", .duplicate("b"), 2, 3),
        Case(.toml, "[a]\n[a]", .reopened("a"), 2, 2), Case(.toml, "a = {}\n[a.b]", .reopened("a"), 2, 2),
        Case(.toml, "[a]\n[[a]]", .reopened("a"), 2, 3),
        Case(.toml, "a = { b = 1 }\na.c = 2", .reopened("a"), 2, 1), Case(.toml, "[a.b]\n[a]\nb.c = 1", .reopened("b"), 3, 1),
        Case(.toml, "a = { b = 1, }", .unexpectedCharacter, 1, 14), Case(.toml, "a = { b = 1\n}", .unexpectedCharacter, 1, 12),
        Case(.toml, "a = 1 b = 2", .unexpectedCharacter, 1, 7), Case(.toml, "a = yes", .badNumber, 1, 5),
        Case(.toml, "a =", .unexpectedEnd, 1, 4),
        Case(.toml, "= 1", .keyIsNoText, 1, 1), Case(.toml, "a = \"x\ny\"", .controlCharacter, 1, 7),
        Case(.toml, "a = \"\\q\"", .badEscape, 1, 6),
        Case(.toml, "a = \"\\ud800\"", .badEscape, 1, 6), Case(.toml, "a = \"\"\"x", .unexpectedEnd, 1, 9),
        Case(.toml, "a = 1\rb = 2", .controlCharacter, 1, 6),
        Case(.toml, "# \u{7}", .controlCharacter, 1, 3), Case(.toml, "[a", .unexpectedEnd, 1, 3),
        Case(.toml, "a = [1 2]", .unexpectedCharacter, 1, 8),
        Case(.toml, "a = " + String(repeating: "[", count: 65), .tooDeep, 1, 68),
        Case(.yaml, "a: 1\na: 2\n", .duplicate("a"), 2, 1), Case(.yaml, "é: &x 1\n", .anchorOrTag, 1, 4),
        Case(.yaml, "a: *x\n", .anchorOrTag, 1, 4),
        Case(.yaml, "a: !!str 1\n", .anchorOrTag, 1, 4), Case(.yaml, "<<: {a: 1}\n", .anchorOrTag, 1, 1),
        Case(.yaml, "a: 1\n---\nb: 2\n", .severalDocuments, 2, 1),
        Case(.yaml, "? [a]\n: 1\n", .keyIsNoText, 1, 3), Case(.yaml, String(repeating: "[", count: 65), .tooDeep, 1, 65),
    ]

    @Test("what is not understood is refused at its place", arguments: refused)
    func refuses(_ testCase: Case) throws {
        let bytes = Array(testCase.text.utf8)
        let problem = #expect(throws: ConfigProblem.self) { _ = try ConfigDocument(bytes, testCase.format) }
        let place = ConfigDocument.place(of: problem?.offset ?? 0, in: bytes)
        #expect(problem?.kind == testCase.kind)
        #expect(place == (testCase.line, testCase.column))
    }

    @Test("bytes that are no text, and more than there may be, are refused", arguments: ConfigFormat.allCases)
    func refusesBytes(_ format: ConfigFormat) {
        #expect(throws: ConfigProblem(.notUTF8, at: 2)) { _ = try ConfigDocument([0x20, 0x20, 0xFF], format) }
        #expect(throws: ConfigProblem(.tooLarge, at: 0)) {
            _ = try ConfigDocument([UInt8](repeating: 0x20, count: ConfigLimits.bytes + 1), format)
        }
    }

    @Test("what libyaml does not take is refused with its words")
    func refusesOtherYAML() {
        #expect(throws: ConfigProblem.self) { _ = try ConfigDocument(Array("a: [1\n".utf8), .yaml) }
        #expect(throws: ConfigProblem.self) { _ = try ConfigDocument(Array("a: \u{7}\n".utf8), .yaml) }
    }

    @Test("a file with nothing in it says nothing", arguments: ConfigFormat.allCases, ["", " \r\n", "\u{FEFF}"])
    func isEmpty(_ format: ConfigFormat, _ text: String) throws {
        #expect(try ConfigDocument(Array(text.utf8), format).root.members?.isEmpty == true)
    }

    @Test(
        "values are read with their escapes, and lie where they are written",
        arguments: [
            (.json, #"{"a": {"b": "x\n\"\u00e9\ud83d\ude00\/"}}"#, "x\n\"é\u{1F600}/", #""x\n\"\u00e9\ud83d\ude00\/""#),
            (.json, "\u{FEFF}// c\n{\"a\": {\"é\": 1, \"b\": \"y\", },}", "y", "\"y\""),
            (.toml, "[a]\nb = 'C:\\x' # c", "C:\\x", "'C:\\x'"),
            (.toml, "a.b = \"\\u00e9\\U0001F600\\t\"", "é\u{1F600}\t", "\"\\u00e9\\U0001F600\\t\""),
            (.toml, "a = { \"b\" = \"\"\"\nx \\\n  y\"\"\"\" }", "x y\"", "\"\"\"\nx \\\n  y\"\"\"\""),
            (.toml, "a.b = '''x'y'''", "x'y", "'''x'y'''"),
            (.yaml, "é: 1\na:\n  b: x y  # c\n", "x y", "x y"), (.yaml, "\u{FEFF}a: {b: 'it''s'}\n", "it's", "'it''s'"),
            (.yaml, "a:\r\n  b: \"\\u00e9\\x41\"\r\n", "éA", "\"\\u00e9\\x41\""),
        ] as [(ConfigFormat, String, String, String)])
    func reads(_ format: ConfigFormat, _ text: String, _ value: String, _ token: String) throws {
        let bytes = Array(text.utf8)
        let found = try #require(try ConfigDocument(bytes, format).root.value(at: ["a", "b"]))
        #expect(found.string == value)
        #expect(String(decoding: bytes[found.span], as: UTF8.self) == token)
    }

    @Test("a text written anew reads as it was", arguments: ConfigFormat.allCases)
    func writes(_ format: ConfigFormat) throws {
        let text = "a\"\\\n\t\u{0}\u{1F}\u{7F}\u{85}\u{2028}é\u{1F600}${x}"
        let prefix = format == .json ? "{\"a\": " : format == .toml ? "a = " : "a: "
        let bytes = Array(prefix.utf8) + format.token(text) + Array((format == .json ? "}" : "\n").utf8)
        #expect(try ConfigDocument(bytes, format).root["a"]?.string == text)
    }

    @Test("TOML's tables come together from wherever they stand")
    func joinsTables() throws {
        let text = "[a.b.c]\nx = 1\n[a]\ny = 2\n[a.b]\nz = 3\n[[l]]\nk = 1\n[l.m]\nn = 2\n[[l]]\n"
        let root = try ConfigDocument(Array(text.utf8), .toml).root
        #expect(root.value(at: ["a", "b", "c", "x"])?.isSame(as: ConfigValue(.other("1"), at: 0..<0)) == true)
        #expect(root["a"]?.members?.map(\.key) == ["b", "y"])
        #expect(root["l"]?.items?.count == 2)
        #expect(root["l"]?.items?[0].value(at: ["m", "n"]) != nil)
    }
}
