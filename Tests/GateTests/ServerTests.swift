import Gate
import MCP
import StrictJSON
import Testing

@Suite struct ServerTests {
    @Test(
        "a list shows what may be called, and on modern requests is private",
        arguments: [
            (
                Era.legacy,
                #"{"tools":[{"name":"get_a"},{"name":"get_secret"},{"name":"other"},{"name":"send","x":1},{"name":"refund"},{"name":"get_\u0430"},7,{}],"nextCursor":"c"}"#,
                #"{"tools":[{"name":"get_a"},{"name":"send","x":1},{"name":"refund"}],"nextCursor":"c"}"#
            ),
            (.legacy, #"{"tools":[]}"#, #"{"tools":[]}"#),
            (
                .modern, #"{"tools":[{"name":"get_a"}],"cacheScope":"public","ttlMs":5}"#,
                #"{"tools":[{"name":"get_a"}],"cacheScope":"private","ttlMs":5}"#
            ),
            (
                .modern, #"{"tools":[{"name":"x"}],"resultType":"complete"}"#,
                #"{"tools":[],"resultType":"complete","cacheScope":"private"}"#
            ),
        ])
    func filters(_ era: Era, _ result: String, _ expected: String) throws {
        let gate = try Conversation()
        let meta = era == .modern ? #","params":{"_meta":\#(Conversation.modernMeta)}"# : ""
        #expect(gate.client(#"{"jsonrpc":"2.0","id":1,"method":"tools/list"\#(meta)}"#).toServer.count == 1)
        let outcome = gate.server(#"{"jsonrpc":"2.0","id":1,"result":\#(result)}"#)
        #expect(outcome.toClient == [#"{"jsonrpc":"2.0","id":1,"result":\#(expected)}"#])
    }

    @Test("a list that has not the form of one is not passed on, and the client is told", arguments: ["{}", #"{"tools":{}}"#])
    func refusesList(_ result: String) throws {
        let gate = try Conversation()
        gate.client(#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#)
        let outcome = gate.server(#"{"jsonrpc":"2.0","id":1,"result":\#(result)}"#)
        #expect(try outcome.answer()["error"]?["code"] == -32_602)
        #expect(outcome.blocked == "D209")
    }

    @Test(
        "what the server may not say is dropped and recorded",
        arguments: [
            ("hello", "D203"), ("", "D203"), (#"{"jsonrpc":"2.0","id":999,"result":{}}"#, "D210"),
            (#"{"jsonrpc":"2.0","id":"1","result":{"content":[]}}"#, "D210"),
            (#"{"jsonrpc":"2.0","id":1.0,"result":{"content":[]}}"#, "D207"),
            (#"{"jsonrpc":"2.0","error":{"code":-32700,"message":"x"}}"#, "D210"),
            (#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"x"}}"#, "D210"),
            (#"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"other","progress":1}}"#, "D211"),
            (#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#, "D211"),
            (#"{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"x"}}"#, "D110"),
            (#"{"jsonrpc":"2.0","method":"notifications/made/up"}"#, "D202"),
            (#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#, "D212"),
            (#"[{"jsonrpc":"2.0","id":2,"result":{}}]"#, "D206"),
            (#"{"jsonrpc":"2.0","id":1,"result":{"content":[]}}"# + "\r" + #"{"jsonrpc":"2.0","id":1,"result":{}}"#, "D203!"),
            (#"{"jsonrpc":"2.0","id":1,"result":{"a":1,"a":2}}"#, "D203!"), (#"{"jsonrpc":"2.0","id":1,"result":[]}"#, "D205!"),
            (#"{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}}"#, "D205!"),
            (#"{"jsonrpc":"2.0","id":1,"error":"x"}"#, "D205!"),
            (#"{"jsonrpc":"2.0","id":1,"result":{},"Result":{}}"#, "D205!"),
        ])
    func drops(_ line: String, _ expected: String) throws {
        let gate = try Conversation()
        gate.initialize()
        gate.client(#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_a","_meta":{"progressToken":"mine"}}}"#)
        let outcome = gate.server(line)
        let tellsClient = expected.hasSuffix("!")
        #expect(outcome.records.last?["reason"]?.string == String(expected.prefix(4)))
        #expect(outcome.toServer.isEmpty)
        #expect(outcome.toClient.count == (tellsClient ? 1 : 0))
        if tellsClient {
            #expect(try outcome.answer()["id"] == 1)
            #expect(outcome.records.first?["status"] == "malformed")
        } else {
            #expect(gate.server(#"{"jsonrpc":"2.0","id":1,"result":{"content":[]}}"#).toClient.count == 1)
        }
    }

    @Test(
        "progress, log messages and changes of the list pass",
        arguments: [
            #"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"mine","progress":1}}"#,
            #"{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"x"}}"#,
            #"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#,
        ])
    func passes(_ line: String) throws {
        let gate = try Conversation()
        gate.initialize()
        gate.client(#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_a","_meta":{"progressToken":"mine"}}}"#)
        let outcome = gate.server(line)
        #expect(outcome.toClient == [line])
        #expect(outcome.records.isEmpty)
    }

    @Test("a ping of the server passes, and its answer once")
    func pings() throws {
        let gate = try Conversation()
        gate.initialize()
        #expect(gate.server(#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#).toClient.count == 1)
        #expect(gate.server(#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#).blocked == "D208")
        #expect(gate.client(#"{"jsonrpc":"2.0","id":2,"result":{}}"#).blocked == "D210")
        #expect(gate.client(#"{"jsonrpc":"2.0","id":1,"result":{}}"#).toServer.count == 1)
        #expect(gate.client(#"{"jsonrpc":"2.0","id":1,"result":{}}"#).blocked == "D210")
    }

    @Test(
        "requests of the server are denied with an answer to it",
        arguments: [
            ("sampling/createMessage", "D110", -32_601), ("elicitation/create", "D110", -32_601), ("roots/list", "D110", -32_601),
            ("tools/call", "D212", -32_600), ("made/up", "D202", -32_601),
        ])
    func deniesRequests(_ method: String, _ code: String, _ error: Int64) throws {
        let gate = try Conversation()
        gate.initialize()
        let outcome = gate.server(#"{"jsonrpc":"2.0","id":"s","method":"\#(method)","params":{}}"#)
        #expect(outcome.toClient.isEmpty)
        #expect(outcome.blocked == code)
        let answer = try JSON(parsing: Array(try #require(outcome.toServer.first).utf8))
        #expect(answer["id"] == "s")
        #expect(answer["error"]?["code"]?.int64 == error)
    }

    @Test("in the modern era the server asks nothing, and the client answers nothing")
    func modernSides() throws {
        let gate = try Conversation()
        gate.client(#"{"jsonrpc":"2.0","id":1,"method":"server/discover","params":{"_meta":\#(Conversation.modernMeta)}}"#)
        #expect(gate.server(#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#).blocked == "D212")
        #expect(gate.client(#"{"jsonrpc":"2.0","id":1,"result":{}}"#).blocked == "D210")
    }

    @Test("the two sides number their requests apart")
    func keepsTablesApart() throws {
        let gate = try Conversation()
        gate.initialize()
        gate.client(Conversation.call("1", "get_a"))
        #expect(gate.server(#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#).toClient.count == 1)
        #expect(gate.client(#"{"jsonrpc":"2.0","id":1,"result":{}}"#).toServer.count == 1)
        #expect(gate.server(#"{"jsonrpc":"2.0","id":1,"result":{"content":[]}}"#).records.count == 1)
    }

    @Test("a line of the server that is too long is dropped, and whoever waits for it is told")
    func refusesLongResponse() throws {
        let gate = try Conversation()
        gate.client(Conversation.call("5", "get_a"))
        let beginning = Array(
            (#"{"jsonrpc":"2.0","id":5,"result":{"content":[{"type":"text","text":""# + String(repeating: "x", count: 9_000)).utf8)
        let outcome = gate.step(.tooLong(.server, beginning))
        #expect(try outcome.answer()["id"] == 5)
        #expect(try outcome.answer()["error"]?["data"]?["code"] == "D204")
    }

    @Test("rubbish of a server is counted, not recorded line by line")
    func boundsRecords() throws {
        let gate = try Conversation()
        let outcome = gate.together(.server, Array(repeating: "rubbish", count: 5_000))
        #expect(outcome.records.count == 17)
        #expect(outcome.records.last?["count"] == 4_984)
        #expect(outcome.toClient.isEmpty)
    }

    @Test("lines of the server's stderr are marked, bounded and harmless")
    func tellsErrors() throws {
        let gate = try Conversation()
        let red = gate.step(.serverError(Array("\u{1B}[31mred\t\u{202E}x\u{7}\u{200B}é\\n".utf8) + [0xFF]))
        #expect(red.people == "[test] \\u{1B}[31mred \\u{202E}x\\u{7}\\u{200B}é\\\\n\\u{FFFD}\n")
        let long = gate.step(.serverError(Array(repeating: 0x61, count: 100_000)))
        #expect(long.people.utf8.count < 4_200)
    }
}
