import Evidence
import Gate
import MCP
import StrictJSON
import Testing

@Suite struct CallTests {
    @Test("an allowed call and its result pass, with a decision and an outcome that is bound to it")
    func passes() throws {
        let gate = try Conversation()
        let call = gate.client(Conversation.call("7", "get_a", #"{"b":1,"a":"x"}"#))
        #expect(call.toServer == [Conversation.call("7", "get_a", #"{"b":1,"a":"x"}"#)])
        #expect(call.records.count == 1)
        #expect(call.records[0]["rule"] == "look")
        #expect(call.records[0]["tool"] == "get_a")
        #expect(call.records[0]["id"] == 7)
        #expect(call.records[0]["arguments"]?.string?.hasPrefix("hmac-sha256:") == true)
        let result = gate.server(#"{"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text","text":"hi"}],"isError":true}}"#)
        #expect(result.toClient == [#"{"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text","text":"hi"}],"isError":true}}"#])
        #expect(result.records.count == 1)
        #expect(result.records[0]["decision"] == 1)
        #expect(result.records[0]["isError"] == true)
        #expect(result.records[0]["microseconds"] == 1)
        // What whoever has the session's key computes anew; without it a small result cannot be guessed from its code.
        var code = HMACSHA256(key: Array("a key of the session's own".utf8))
        let expected = Array(result.toClient[0].utf8).withUnsafeBytes { code.code(Commitment.responseDomain, $0) }
        #expect(result.records[0]["response"] == .string("hmac-sha256:\(expected.hex)"))
        #expect(!result.people.contains("hi"))
    }

    @Test("a denial is a tool result in the form of the call's era, and says what the model can do", arguments: Era.allCases)
    func denies(_ era: Era) throws {
        let outcome = try Conversation().client(Conversation.call("1", "get_secret", era: era))
        let result = try #require(try outcome.answer()["result"])
        #expect(result["isError"] == true)
        #expect(result["resultType"] == (era == .modern ? "complete" : nil))
        let text = try #require(result["content"]?.array?.first?["text"]?.string)
        #expect(text.contains("D102"))
        #expect(text.contains("`secret`"))
        #expect(text.contains("secrets stay here"))
        #expect(text.contains("The call was not made"))
        #expect(result["_meta"]?["io.sandboxd/decision"] == ["code": "D102", "policy": "0123", "rule": "secret"])
        #expect(outcome.records[0]["era"]?.string == era.rawValue)
    }

    @Test("a commitment is the same for the same arguments however they are written, and hides them")
    func commits() throws {
        let gate = try Conversation()
        func commitment(_ id: Int, _ arguments: String) throws -> JSON {
            let record = try #require(gate.client(Conversation.call("\(id)", "get_a", arguments)).records.first)
            #expect(!String(decoding: record.encoded(), as: UTF8.self).contains("Berlin"))
            return try #require(record["arguments"])
        }
        let first = try commitment(1, #"{"city":"Berlin","n":10}"#)
        #expect(try commitment(2, #"{ "n":1.0e1, "c\u0069ty":"Berlin" }"#) == first)
        #expect(try commitment(3, #"{"city":"Berlin ","n":10}"#) != first)
        #expect(
            try commitment(4, #"{}"#)
                == gate.client(#"{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"get_a"}}"#).records[0]["arguments"])
    }

    @Test("without records nothing is forwarded: the call is blocked and says why")
    func recordsFirst() throws {
        let gate = try Conversation()
        let outcome = gate.unrecorded(.client, Conversation.call("1", "get_a"))
        #expect(outcome.toServer.isEmpty)
        #expect(outcome.records.isEmpty)
        #expect(try outcome.answer()["result"]?["_meta"]?["io.sandboxd/decision"]?["code"] == "D301")
        let next = gate.client(Conversation.call("2", "get_a"))
        #expect(next.toServer.isEmpty)
        #expect(try next.answer()["result"]?["_meta"]?["io.sandboxd/decision"]?["code"] == "D301")
        #expect(gate.client(#"{"jsonrpc":"2.0","id":3,"method":"tools/list"}"#).toServer.count == 1)
        gate.recordsAgain(lastNumber: 20)
        #expect(gate.client(Conversation.call("1", "get_a")).toServer.count == 1)
        #expect(gate.server(#"{"jsonrpc":"2.0","id":1,"result":{"content":[]}}"#).records[0]["decision"] == 22)
    }

    @Test("a result that cannot be recorded is not passed on, and the client is told that the call was made")
    func withholdsUnrecorded() throws {
        let gate = try Conversation()
        gate.client(Conversation.call("1", "get_a"))
        let outcome = gate.unrecorded(.server, #"{"jsonrpc":"2.0","id":1,"result":{"content":[]}}"#)
        let text = try #require(try outcome.answer()["result"]?["content"]?.array?.first?["text"]?.string)
        #expect(text.contains("D301"))
        #expect(text.contains("The call was made"))
    }

    @Test(
        "a result that announces a task which was not asked for, or is of no known kind, is withheld",
        arguments: [
            (#"{"resultType":"task","taskId":"t"}"#, "D225"), (#"{"task":{"taskId":"t"}}"#, "D201"), (#"{"inputRequests":{}}"#, "D201"),
            (#"{"resultType":1,"content":[]}"#, "D201"),
        ])
    func withholds(_ result: String, _ code: String) throws {
        let gate = try Conversation()
        gate.client(Conversation.call("1", "get_a", era: .modern))
        let outcome = gate.server(#"{"jsonrpc":"2.0","id":1,"result":\#(result)}"#)
        let answer = try outcome.answer()["result"]
        #expect(answer?["isError"] == true)
        #expect(answer?["resultType"] == "complete")
        #expect(answer?["requestState"] == nil)
        #expect(outcome.records.map { $0["status"] ?? $0["reason"] } == ["withheld", .string(code)])
    }

    @Test("when the server ends, each pending request is answered, and each call has an outcome")
    func answersPending() throws {
        let gate = try Conversation()
        gate.client(Conversation.call("1", "get_a"))
        gate.client(#"{"jsonrpc":"2.0","id":"x","method":"tools/list"}"#)
        let outcome = gate.step(.ended(.server))
        #expect(outcome.isLast)
        #expect(outcome.records.map { $0["status"] } == ["lost"])
        let answers = try outcome.toClient.map { try JSON(parsing: Array($0.utf8)) }
        #expect(answers.map { $0["id"] } == [1, "x"])
        #expect(answers.allSatisfy { $0["error"]?["code"] == 40_302 })
        #expect(gate.client(Conversation.call("2", "get_a")).blocked == "D302")
    }

    @Test("when the client ends, the server's input is closed and what is pending may still be answered")
    func finishesPending() throws {
        let gate = try Conversation()
        gate.client(Conversation.call("1", "get_a"))
        let outcome = gate.step(.ended(.client))
        #expect(outcome.closesServerInput)
        #expect(!outcome.isLast)
        #expect(gate.server(#"{"jsonrpc":"2.0","id":1,"result":{"content":[]}}"#).toClient.count == 1)
    }

    @Test("a cancelled call passes its cancellation on, keeps its id, and its late result is recorded only")
    func cancels() throws {
        let gate = try Conversation()
        gate.client(Conversation.call("1", "get_a"))
        #expect(gate.client(#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#).toServer.count == 1)
        #expect(gate.client(#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#).blocked == "D211")
        #expect(gate.client(Conversation.call("1", "get_a")).blocked == "D208")
        let late = gate.server(#"{"jsonrpc":"2.0","id":1,"result":{"content":[]}}"#)
        #expect(late.toClient.isEmpty)
        #expect(late.records.map { $0["cancelled"] } == [true])
        #expect(gate.client(#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"1"}}"#).blocked == "D211")
        #expect(gate.client(#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{}}"#).blocked == "D209")
    }

    @Test("only so many requests can be pending")
    func boundsPending() throws {
        let gate = try Conversation(isQuiet: true)
        for id in 0..<1_024 { gate.client(Conversation.call("\(id)", "get_a")) }
        let outcome = gate.client(Conversation.call("2000", "get_a"))
        #expect(outcome.blocked == "D303")
        #expect(try outcome.answer()["result"]?["isError"] == true)
        #expect(outcome.people.isEmpty)
    }
}
