import StrictJSON
import Testing

/// A tape over `text`.
func tape(_ text: String) throws(JSONError) -> JSONTape {
    var tape = JSONTape(whitespace: .spacesOnly)
    try tape.parse(Array(text.utf8))
    return tape
}

/// `#require` for what comes of a tape, which its macro cannot take apart since tapes are not copied.
private func present<Value>(_ value: Value?) throws -> Value { try #require(value) }

private func encoded(_ tape: borrowing JSONTape, _ edits: [JSONEdit]) -> String {
    var output: [UInt8] = []
    tape.encode(edits: edits, into: &output)
    return String(decoding: output, as: UTF8.self)
}

@Suite struct TapeTests {
    @Test("members are found and strings compared in place, after unescaping")
    func looksUp() throws {
        let tape = try tape(#"{"\u006dethod": "tools\/call", "id": -12, "params": {"name": "x", "list": [1, [2], "é"]}}"#)
        let method = try present(tape.member("method", of: .root))
        let isCall = tape.isString(method, "tools/call")
        #expect(isCall)
        let isLonger = tape.isString(method, "tools/call2") || tape.isString(method, "tools/cal")
        #expect(!isLonger)
        let id = try present(tape.member("id", of: .root))
        let number = tape.int64(id)
        #expect(number == -12)
        let missing = tape.member("Method", of: .root) ?? tape.member("name", of: .root)
        #expect(missing == nil)
        let params = try present(tape.member("params", of: .root))
        let list = try present(tape.member("list", of: params))
        let count = tape.count(of: list)
        #expect(count == 3)
        let tree = tape.tree(list)
        #expect(tree == [1, [2], "é"])
        let container = tape.container(of: list)
        #expect(container == params)
    }

    @Test("an array is walked element by element")
    func walks() throws {
        let tape = try tape(#"[1, [2, 3], {"a": {"b": []}}, "x"]"#)
        var kinds: [JSONKind] = []
        var cursor = tape.firstChild(of: .root)
        while let node = cursor {
            kinds.append(tape.kind(of: node))
            cursor = tape.nextElement(after: node)
        }
        #expect(kinds == [.number, .array, .object, .string])
    }

    @Test(
        "a tape is written anew: compact, fewest escapes, number tokens as received",
        arguments: [
            (#"{ "b" : [ 1.50 , 1E2 ] , "a" : "\u0041\/\u000A\u001F\"" }"#, #"{"b":[1.50,1E2],"a":"A/\n\u001f\""}"#),
            (#"[ ]"#, "[]"), (#" {} "#, "{}"), (#"["\u001f"]"#, #"["\u001f"]"#), (#"["\u001F","\n"]"#, #"["\u001f","\n"]"#),
            (#"[[1,2],[ 3]]"#, "[[1,2],[3]]"), (#"{"a":"\ud83d\ude00","\u0062":"\u0000"}"#, #"{"a":"😀","b":"\u0000"}"#),
            (#"["\b\f\n\r\t\\\""]"#, #"["\b\f\n\r\t\\\""]"#), (#"  "x"  "#, #""x""#),
        ])
    func encodes(_ input: String, _ expected: String) throws {
        let tape = try tape(input)
        let output = String(decoding: tape.encoded(), as: UTF8.self)
        #expect(output == expected)
    }

    @Test("elements and members are left out, replaced and added while writing")
    func edits() throws {
        let tape = try tape(#"{"tools":[{"name":"a"},{"name":"b"},{"name":"c"}],"n":1,"e":{}}"#)
        let tools = try present(tape.member("tools", of: .root))
        let first = try present(tape.firstChild(of: tools))
        let second = try present(tape.nextElement(after: first))
        let third = try present(tape.nextElement(after: second))
        let number = try present(tape.member("n", of: .root))
        let empty = try present(tape.member("e", of: .root))
        let name = try present(tape.firstChild(of: .root))
        let inside = try present(tape.member("name", of: first))
        let added = JSONEdit.Action.append(name: "k\"", value: Array("[2]".utf8))
        let outputs = [
            encoded(tape, [JSONEdit(second, .remove)]),
            encoded(tape, [JSONEdit(third, .remove), JSONEdit(first, .remove), JSONEdit(second, .remove)]),
            encoded(tape, [JSONEdit(number, .replace(Array("9".utf8))), JSONEdit(.root, added), JSONEdit(empty, added)]),
            encoded(tape, [JSONEdit(name, .remove), JSONEdit(inside, .replace(Array("0".utf8)))]),
            encoded(tape, [JSONEdit(inside, .replace(Array("0".utf8)))]),
            encoded(tape, [JSONEdit(tools, .appendElement(Array("7".utf8))), JSONEdit(first, .remove)]),
            encoded(
                tape,
                [
                    JSONEdit(first, .remove), JSONEdit(second, .remove), JSONEdit(third, .remove),
                    JSONEdit(tools, .appendElement(Array("7".utf8))),
                ]),
        ]
        #expect(
            outputs == [
                #"{"tools":[{"name":"a"},{"name":"c"}],"n":1,"e":{}}"#,
                #"{"tools":[],"n":1,"e":{}}"#,
                #"{"tools":[{"name":"a"},{"name":"b"},{"name":"c"}],"n":9,"e":{"k\"":[2]},"k\"":[2]}"#,
                #"{"n":1,"e":{}}"#,
                #"{"tools":[{"name":0},{"name":"b"},{"name":"c"}],"n":1,"e":{}}"#,
                #"{"tools":[{"name":"b"},{"name":"c"},7],"n":1,"e":{}}"#,
                #"{"tools":[7],"n":1,"e":{}}"#,
            ])
    }

    @Test(
        "a plain integer token that fits is an integer, nothing else is",
        arguments: [
            ("0", 0), ("-0", 0), ("9223372036854775807", .max), ("-9223372036854775808", .min),
            ("9223372036854775808", nil), ("-9223372036854775809", nil), ("1.0", nil), ("1e0", nil), ("\"1\"", nil), ("true", nil),
        ] as [(String, Int64?)])
    func integers(_ token: String, _ expected: Int64?) throws {
        let tape = try tape(token)
        let value = tape.int64(.root)
        #expect(value == expected)
    }

    @Test("a tape that failed holds nothing, and serves the next document")
    func recovers() throws {
        var tape = try tape("[1]")
        #expect(throws: JSONError(.unexpectedEnd, at: 3)) { try tape.parse(Array("[1,".utf8)) }
        let isEmpty = tape.isEmpty
        #expect(isEmpty)
        try tape.parse(Array("[2]".utf8))
        let output = tape.encoded()
        #expect(output == Array("[2]".utf8))
    }

    @Test("a number that a double does not carry leaves the output as it was")
    func canonicalError() throws {
        var tape = try tape("[1,2,9007199254740993]")
        var output: [UInt8] = [7]
        #expect(throws: JSONCanonicalError.integerTooLarge(token: "9007199254740993")) { try tape.canonicalize(into: &output) }
        #expect(output == [7])
    }
}
