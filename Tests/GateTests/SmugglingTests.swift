import Gate
import MCP
import StrictJSON
import Testing

private let hidden = #"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"get_secret","arguments":{}}}"#

/// One line, what is answered, and the reason.
struct Smuggled: CustomTestStringConvertible, Sendable {
    let what: String
    let line: [UInt8]
    let code: String
    /// Of the JSON-RPC error; nil: a denial, as a tool result.
    let error: Int64?
    /// The id of the answer; nil: none.
    let id: JSON?

    init(_ what: String, _ line: String, _ code: String, _ error: Int64?, id: JSON? = nil) {
        self.init(what, Array(line.utf8), code, error, id: id)
    }

    init(_ what: String, _ line: [UInt8], _ code: String, _ error: Int64?, id: JSON? = nil) {
        (self.what, self.line, self.code, self.error, self.id) = (what, line, code, error, id)
    }

    var testDescription: String { what }

    private static func call(_ id: String, _ rest: String) -> String { #"{"jsonrpc":"2.0","id":\#(id),"method":"tools/call",\#(rest)}"# }

    private static let allowed = #""params":{"name":"get_a","arguments":{}}"#

    static let lines = documents + shapes + ids + names

    private static let documents = [
        Smuggled(
            "a call behind CR inside one document",
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\"x\":\r\(hidden)\r}}",
            "D203", -32_700, id: 1),
        Smuggled("two objects with a CR between", #"{"jsonrpc":"2.0","id":1,"method":"ping"}"# + "\r" + hidden, "D203", -32_700, id: 1),
        Smuggled("two objects with a space between", #"{"jsonrpc":"2.0","id":1,"method":"ping"} "# + hidden, "D203", -32_700, id: 1),
        Smuggled(
            "two objects with U+2028 between", #"{"jsonrpc":"2.0","id":1,"method":"ping"}"# + "\u{2028}" + hidden, "D203", -32_700, id: 1),
        Smuggled(
            "two objects with U+0085 between", #"{"jsonrpc":"2.0","id":1,"method":"ping"}"# + "\u{85}" + hidden, "D203", -32_700, id: 1),
        Smuggled("a CR before the line end", #"{"jsonrpc":"2.0","id":1,"method":"ping"}"# + "\r", "D203", -32_700, id: 1),
        Smuggled("method twice", #"{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call"}"#, "D203", -32_700, id: 1),
        Smuggled(
            "method twice, once escaped", #"{"jsonrpc":"2.0","id":1,"method":"ping","m\u0065thod":"tools/call"}"#, "D203", -32_700, id: 1),
        Smuggled("name twice", call("1", #""params":{"name":"get_a","name":"get_secret"}"#), "D203", -32_700, id: 1),
        Smuggled(
            "a member twice deep in the arguments", call("1", #""params":{"name":"get_a","arguments":{"a":[{"b":1,"b":2}]}}"#),
            "D203", -32_700, id: 1),
        Smuggled(
            "bytes that are not UTF-8",
            Array(#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_a","arguments":{"x":""#.utf8)
                + [0xFF] + Array(#""}}}"#.utf8), "D203", -32_700, id: 1),
        Smuggled("NaN", call("1", #""params":{"name":"get_a","arguments":{"x":NaN}}"#), "D203", -32_700, id: 1),
        Smuggled("a lone surrogate", call("1", #""params":{"name":"get_a","arguments":{"x":"\ud800"}}"#), "D203", -32_700, id: 1),
        Smuggled("a byte order mark", "\u{FEFF}" + #"{"jsonrpc":"2.0","id":1,"method":"ping"}"#, "D203", -32_700),
        Smuggled("a trailing comma", #"{"jsonrpc":"2.0","id":1,"method":"ping",}"#, "D203", -32_700, id: 1),
        Smuggled("a comment", #"{"jsonrpc":"2.0","id":1,"method":"ping"/**/}"#, "D203", -32_700, id: 1),
        Smuggled(
            "5,000 levels", call("1", #""params":"# + String(repeating: "[", count: 5_000) + String(repeating: "]", count: 5_000)),
            "D203", -32_700, id: 1),
        Smuggled("an empty line", "", "D203", -32_700),
        Smuggled("no JSON at all", "hello", "D203", -32_700),
    ]

    private static let shapes = [
        Smuggled("a batch", "[\(hidden)]", "D206", -32_600, id: 2),
        Smuggled("an empty batch", "[]", "D206", -32_600),
        Smuggled("a bare string", "\"tools/call\"", "D205", -32_600),
        Smuggled("no jsonrpc", #"{"id":1,"method":"ping"}"#, "D205", -32_600, id: 1),
        Smuggled("jsonrpc 1.0", #"{"jsonrpc":"1.0","id":1,"method":"ping"}"#, "D205", -32_600, id: 1),
        Smuggled("jsonrpc as a number", #"{"jsonrpc":2.0,"id":1,"method":"ping"}"#, "D205", -32_600, id: 1),
        Smuggled("Method beside method", #"{"jsonrpc":"2.0","id":1,"method":"ping","Method":"tools/call"}"#, "D205", -32_600, id: 1),
        Smuggled(
            "METHOD with U+017F folded", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"param\u{17F}\":{}}", "D205", -32_600, id: 1),
        Smuggled(
            "a method in another case", #"{"jsonrpc":"2.0","id":1,"method":"Tools/Call","params":{"name":"get_a"}}"#, "D202", -32_601, id: 1
        ),
        Smuggled("an unknown method", #"{"jsonrpc":"2.0","id":1,"method":"tools/run"}"#, "D202", -32_601, id: 1),
        Smuggled(
            "a denied method", #"{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"file:///x"}}"#, "D110", -32_601, id: 1),
        Smuggled(
            "result and method", #"{"jsonrpc":"2.0","id":1,"method":"tools/call","result":{},"params":{"name":"get_a"}}"#,
            "D205", -32_600, id: 1),
        Smuggled(
            "error and method", #"{"jsonrpc":"2.0","id":1,"method":"tools/call","error":{"code":1,"message":""}}"#, "D205", -32_600, id: 1),
        Smuggled("neither method nor result", #"{"jsonrpc":"2.0","id":1}"#, "D205", -32_600, id: 1),
        Smuggled("params as an array", #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":["get_a"]}"#, "D209", -32_602, id: 1),
        Smuggled("a call without params", #"{"jsonrpc":"2.0","id":1,"method":"tools/call"}"#, "D209", -32_602, id: 1),
        Smuggled("arguments as a string", call("1", #""params":{"name":"get_a","arguments":"{}"}"#), "D209", -32_602, id: 1),
        Smuggled("a name that is no string", call("1", #""params":{"name":["get_a"]}"#), "D209", -32_602, id: 1),
        Smuggled("Name beside name", call("1", #""params":{"name":"get_a","Name":"get_secret"}"#), "D209", -32_602, id: 1),
        Smuggled("input responses", call("1", #""params":{"name":"get_a","inputResponses":{}}"#), "D209", -32_602, id: 1),
        Smuggled("a task", call("1", #""params":{"name":"get_a","task":{"ttl":1}}"#), "D209", -32_602, id: 1),
        Smuggled("_meta as a string", call("1", #""params":{"name":"get_a","_meta":"x"}"#), "D209", -32_602, id: 1),
        Smuggled(
            "a modern request without capabilities",
            call("1", #""params":{"name":"get_a","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}"#), "D209", -32_602,
            id: 1),
        Smuggled(
            "a modern initialize", #"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"_meta":\#(Conversation.modernMeta)}}"#,
            "D202", -32_601, id: 1),
        Smuggled("a server's method", #"{"jsonrpc":"2.0","id":1,"method":"sampling/createMessage","params":{}}"#, "D212", -32_600, id: 1),
    ]

    private static let ids = [
        Smuggled("id 2^53 + 1", call("9007199254740993", allowed), "D207", -32_600),
        Smuggled("id 2^64", call("18446744073709551616", allowed), "D207", -32_600),
        Smuggled("id null", call("null", allowed), "D207", -32_600),
        Smuggled("id true", call("true", allowed), "D207", -32_600),
        Smuggled("id 20.0", call("20.0", allowed), "D207", -32_600),
        Smuggled("id 2.1e1", call("2.1e1", allowed), "D207", -32_600),
        Smuggled("id as an array", call("[1]", allowed), "D207", -32_600),
        Smuggled("a very long id", call("\"\(String(repeating: "x", count: 1_025))\"", allowed), "D207", -32_600),
        Smuggled("a call as a notification", #"{"jsonrpc":"2.0","method":"tools/call",\#(allowed)}"#, "D207", -32_600),
        Smuggled("a notification with an id", #"{"jsonrpc":"2.0","id":1,"method":"notifications/initialized"}"#, "D207", -32_600, id: 1),
    ]

    private static let names = [
        Smuggled("a name with a space", Conversation.call("1", "get_a "), "D105", nil, id: 1),
        Smuggled("a name with a zero-width space", Conversation.call("1", "get_a\u{200B}"), "D105", nil, id: 1),
        Smuggled("a name with a Cyrillic letter", Conversation.call("1", "get_\u{430}"), "D105", nil, id: 1),
        Smuggled("an empty name", Conversation.call("1", ""), "D105", nil, id: 1),
        Smuggled("a name in another case", Conversation.call("1", "GET_A"), "D101", nil, id: 1),
        Smuggled(
            "an escaped call of a denied tool",
            #"{"jsonrpc":"2.0","id":1,"\u006dethod":"\u0074ools\/call","params":{"n\u0061me":"get\u005fsecret"}}"#, "D102", nil, id: 1),
        Smuggled("an integer beyond 2^53", Conversation.call("1", "get_a", #"{"x":9007199254740993}"#), "D104", nil, id: 1),
        Smuggled("a number of too many digits", Conversation.call("1", "get_a", #"{"x":[0.1000000000000000055]}"#), "D104", nil, id: 1),
        Smuggled("arguments that no rule allows", Conversation.call("1", "send", #"{"to":"b"}"#), "D101", nil, id: 1),
    ]
}

@Suite struct SmugglingTests {
    @Test("is not forwarded, is recorded with its reason, and is answered", arguments: Smuggled.lines)
    func isRefused(_ smuggled: Smuggled) throws {
        let outcome = try Conversation().step(.client, smuggled.line)
        #expect(outcome.toServer.isEmpty)
        #expect(outcome.blocked == smuggled.code)
        let answer = try outcome.answer()
        #expect(answer["jsonrpc"] == "2.0")
        #expect(answer["id"] == smuggled.id)
        #expect(answer["error"]?["code"]?.int64 == smuggled.error)
        if smuggled.error == nil { #expect(answer["result"]?["isError"] == true) }
        #expect(outcome.people.contains(smuggled.code))
    }

    @Test("an escaped call of an allowed tool is forwarded as it was judged")
    func writesAnew() throws {
        let line =
            #"{ "jsonrpc" : "2.0" , "id" : 1 , "\u006dethod" : "\u0074ools\/call" , "params" : {"name":"g\u0065t_a","arguments":{"x":1.50,"y":"\u000d"}} }"#
        let outcome = try Conversation().client(line)
        #expect(
            outcome.toServer == [
                #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_a","arguments":{"x":1.50,"y":"\r"}}}"#
            ])
        #expect(outcome.toClient.isEmpty)
        #expect(outcome.records.map { $0["decision"] } == ["forward"])
    }

    @Test("an id that is pending cannot be used again, and the first call stays whole")
    func refusesReuse() throws {
        let gate = try Conversation()
        gate.client(Conversation.call("1", "get_a"))
        let again = gate.client(Conversation.call("1", "get_b"))
        #expect(again.blocked == "D208")
        #expect(again.toServer.isEmpty)
        #expect(try again.answer()["id"] == nil)
        let string = gate.client(Conversation.call("\"1\"", "get_b"))
        #expect(string.toServer.count == 1)
        #expect(gate.server(#"{"jsonrpc":"2.0","id":1,"result":{"content":[]}}"#).toClient.count == 1)
        #expect(gate.client(Conversation.call("1", "get_b")).toServer.count == 1)
    }

    @Test("a refused line does not answer a pending id")
    func keepsPendingWhole() throws {
        let gate = try Conversation()
        gate.client(Conversation.call("1", "get_a"))
        #expect(try gate.client(#"{"jsonrpc":"2.0","id":1,"method":"tools/call","#).answer()["id"] == nil)
        #expect(try gate.client(#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#).answer()["id"] == nil)
        #expect(gate.server(#"{"jsonrpc":"2.0","id":1,"result":{"content":[]}}"#).toClient.count == 1)
    }

    @Test("a line that is too long is answered, under its id where that stands at the beginning")
    func refusesLongLines() throws {
        let beginning = Array(
            (#"{"jsonrpc":"2.0","id":"x","method":"tools/call","params":{"name":"get_a","arguments":{"x":""#
                + String(repeating: "x", count: 9_000)).utf8)
        let outcome = try Conversation().step(.tooLong(.client, beginning))
        #expect(outcome.blocked == "D204")
        #expect(try outcome.answer()["id"] == "x")
        let unreadable = try Conversation().step(.tooLong(.client, Array(repeating: 0x20, count: 9_000)))
        #expect(try unreadable.answer()["id"] == nil)
    }

    @Test("bytes behind the last line end are dropped and recorded", arguments: Side.allCases)
    func dropsUnterminated(_ side: Side) throws {
        let outcome = try Conversation().step(.unterminated(side, Array(Conversation.call("1", "get_a").utf8)))
        #expect(outcome.blocked == "D213")
        #expect(outcome.toServer.isEmpty)
        #expect(outcome.toClient.isEmpty)
    }

    @Test(
        "an answer without a readable id has null where the negotiated version wants it",
        arguments: [
            (nil, false), ("2024-11-05", true), ("2025-03-26", true), ("2025-06-18", true), ("2025-11-25", false),
        ] as [(String?, Bool)])
    func unknownIDs(_ version: String?, _ isNull: Bool) throws {
        let gate = try Conversation()
        if let version { gate.initialize(version) }
        let id = try gate.client("x").answer()["id"]
        #expect(isNull ? id?.isNull == true : id == nil)
        gate.client(#"{"jsonrpc":"2.0","id":9,"method":"server/discover","params":{"_meta":\#(Conversation.modernMeta)}}"#)
        #expect(try gate.client("x").answer()["id"] == nil)
    }
}
