import Gate
import MCP
import Policy
import SessionProtocol
import StrictJSON
import Testing

@Suite struct DenialTests {
    static let second: UInt64 = 1_000_000_000
    static let result = #"{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"done"}],"structuredContent":{"a":1}}}"#

    private func denial(_ port: UInt16 = 443, at time: UInt64, hook: UInt8 = 1, process: UInt32 = 7) -> KernelDenial {
        KernelDenial(
            time: time,
            act: DeniedAct(
                hook: hook, process: process, family: 2, protocolNumber: 6, type: 1, address: .v4(0xc000_0201).unmapped, port: port))
    }

    private func denied(_ denials: KernelDenial...) -> GateEvent { .denied(denials, unreadable: 0) }

    private func texts(_ line: String) throws -> [String] {
        try JSON(parsing: Array(line.utf8))["result"]?["content"]?.array?.compactMap { $0["text"]?.string } ?? []
    }

    @Test("the only call in flight is held to be the cause: its result, its outcome and the receipt say so")
    func onlyCall() throws {
        let gate = try Conversation()
        gate.client(Conversation.call("1", "get_a"))
        let told = gate.step(denied(denial(at: gate.time)))
        #expect(told.people.contains("the kernel denied the server: connect to 192.0.2.1:443 (tcp) (inferred: only call in flight)"))
        let body = try #require(told.records.first)
        #expect(body["attribution"] == "inferred" && body["rule"] == "only call in flight" && body["calls"] == [1])
        #expect(body["hook"] == "connect4" && body["process"] == 7 && body["count"] == 1 && body["claim"] == "observed")
        let outcome = gate.server(Self.result)
        #expect(outcome.records.last?["denials"] == ["receipts": [2]])
        let said = try texts(try #require(outcome.toClient.first))
        #expect(said.count == 2 && said[0] == "done")
        #expect(said[1].contains("connect to 192.0.2.1:443 (tcp)") && said[1].contains("(inferred: only call in flight)"))
        #expect(try outcome.answer()["result"]?["structuredContent"] == ["a": 1])
        #expect(try outcome.answer()["result"]?["isError"] == nil)
        // The next call has no part in it.
        gate.client(Conversation.call("1", "get_a"))
        #expect(gate.server(Self.result).toClient == [Self.result])
    }

    @Test("of several calls in flight each is named, and none is blamed")
    func several() throws {
        let gate = try Conversation()
        gate.client(Conversation.call("1", "get_a"))
        gate.client(Conversation.call("2", "get_b"))
        let told = gate.step(denied(denial(at: gate.time)))
        #expect(told.records.first?["attribution"] == "several" && told.records.first?["calls"] == [1, 2])
        #expect(told.records.first?["rule"] == nil)
        let first = gate.server(Self.result)
        #expect(first.toClient == [Self.result])
        #expect(first.records.last?["denials"] == ["receipts": [3]])
        let second = gate.server(Self.result.replacing(#""id":1"#, with: #""id":2"#))
        #expect(second.records.last?["denials"] == ["receipts": [3]])
    }

    @Test("with no call in flight it is the session's, whatever else is in flight")
    func none() throws {
        let gate = try Conversation()
        let alone = gate.step(denied(denial(at: gate.time)))
        #expect(alone.records.first?["attribution"] == "none" && alone.records.first?["calls"] == [])
        gate.client(#"{"jsonrpc":"2.0","id":5,"method":"tools/list"}"#)
        let listing = gate.step(denied(denial(at: gate.time + Self.second)), later: Self.second)
        #expect(listing.records.first?["attribution"] == "none" && listing.records.first?["requests"] == ["tools/list"])
        gate.client(Conversation.call("1", "get_a"))
        let both = gate.step(denied(denial(at: gate.time + Self.second)), later: Self.second)
        #expect(both.records.first?["attribution"] == "several", "another request may have been the cause as well")
    }

    @Test("a call is no cause of what was denied before it was forwarded")
    func earlier() throws {
        let gate = try Conversation()
        let before = gate.time
        gate.client(Conversation.call("1", "get_a"))
        #expect(gate.step(denied(denial(at: before))).records.first?["attribution"] == "none")
        #expect(gate.server(Self.result).toClient == [Self.result])
    }

    @Test("an answer is not released before what was denied meanwhile is told, however soon after the last telling")
    func beforeResults() throws {
        let gate = try Conversation()
        gate.client(Conversation.call("1", "get_a"))
        #expect(gate.step(denied(denial(at: gate.time))).records.count == 1)
        #expect(gate.step(denied(denial(at: gate.time), denial(at: gate.time))).records.isEmpty, "waits for the interval, or an answer")
        let outcome = gate.server(Self.result)
        #expect(outcome.records.map { $0["count"]?.int64 } == [2, nil])
        #expect(try texts(outcome.toClient[0])[1].contains("(tcp), 3 times"))
        #expect(outcome.records.last?["denials"] == ["receipts": [2, 3]])
    }

    @Test("what is not asked for by an answer waits for the end of the interval, equal acts counted together")
    func interval() throws {
        let gate = try Conversation()
        #expect(gate.step(denied(denial(at: 1))).records.count == 1)
        #expect(gate.step(denied(denial(at: 2), denial(80, at: 3)), later: 1_000).records.isEmpty)
        #expect(gate.step(denied(denial(at: 4)), later: 1_000).records.isEmpty)
        #expect(gate.server(#"{"jsonrpc":"2.0","id":99,"result":{}}"#).records.count == 1, "a response that nobody asked for is no reason")
        let due = gate.step(.denialsDue, later: Self.second)
        #expect(due.records.map { $0["port"]?.int64 } == [443, 80])
        #expect(due.records.map { $0["count"]?.int64 } == [2, 1])
        #expect(due.records[0]["first"] == 0 && gate.step(.denialsDue).records.isEmpty)
    }

    @Test("many kinds at once share a receipt, and all of them are counted")
    func many() throws {
        let gate = try Conversation()
        gate.client(Conversation.call("1", "get_a"))
        let denials = (0..<100).map { denial(UInt16(1_000 + $0 % 50), at: gate.time) }
        let told = gate.step(.denied(denials, unreadable: 3))
        #expect(told.records.count == 10)
        #expect(told.records.reduce(0) { $0 + ($1["count"]?.int64 ?? 0) } == 103)
        #expect(told.records[8]["kinds"] == 42 && told.records[8]["count"] == 84)
        #expect(told.records[9]["unreadable"] == true)
        #expect(told.people.split(separator: "\n").count == 9)
        let outcome = gate.server(Self.result)
        #expect(try texts(outcome.toClient[0])[1].contains("; and more. The policy does not permit it"))
        #expect(outcome.records.last?["denials"]?["unlisted"] == 18)
    }

    @Test("what cannot be recorded is told once it can, of the same calls")
    func unrecorded() throws {
        let gate = try Conversation()
        gate.client(Conversation.call("1", "get_a"))
        gate.client(Conversation.call("2", "get_b"))
        _ = gate.step(denied(denial(at: gate.time)))
        // Of what follows nothing reaches the spool.
        _ = gate.step(denied(denial(80, at: gate.time)))
        let lost = gate.unrecorded(.server, Self.result)
        #expect(lost.records.isEmpty && lost.toClient.count == 1 && lost.toClient[0].contains("D301"))
        gate.recordsAgain(lastNumber: 9)
        let again = gate.step(.denialsDue, later: Self.second)
        #expect(again.records.map { $0["port"]?.int64 } == [80])
        #expect(again.records.first?["calls"] == [1, 2])
        let second = gate.server(Self.result.replacing(#""id":1"#, with: #""id":2"#))
        #expect(second.records.last?["denials"]?["receipts"]?.array?.last == 11)
    }

    @Test("calls that are lost with the server name what was denied, too")
    func lost() throws {
        let gate = try Conversation()
        gate.client(Conversation.call("1", "get_a"))
        _ = gate.step(denied(denial(at: gate.time)))
        _ = gate.step(denied(denial(at: gate.time)))
        let end = gate.step(.ended(.server))
        #expect(end.records.map { $0["count"]?.int64 } == [1, nil])
        #expect(end.records.last?["denials"] == ["receipts": [2, 3]] && end.records.last?["status"] == "lost")
    }

    @Test(
        "a result without a list of contents gets one, and what is none is left alone",
        arguments: [
            (#"{}"#, 1), (#"{"content":[]}"#, 1), (#"{"content":"x"}"#, 0),
            (#"{"isError":true,"content":[{"type":"text","text":"no"}]}"#, 2),
        ])
    func shapes(_ result: String, _ count: Int) throws {
        let gate = try Conversation()
        gate.client(Conversation.call("1", "get_a"))
        _ = gate.step(denied(denial(at: gate.time)))
        let outcome = gate.server(#"{"jsonrpc":"2.0","id":1,"result":\#(result)}"#)
        #expect(try texts(outcome.toClient[0]).count == count)
    }

    @Test("an error of the server's is passed on as it is; the receipts say what was denied")
    func errors() throws {
        let gate = try Conversation()
        gate.client(Conversation.call("1", "get_a"))
        _ = gate.step(denied(denial(at: gate.time)))
        let error = #"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"no"}}"#
        let outcome = gate.server(error)
        #expect(outcome.toClient == [error] && outcome.records.last?["denials"] == ["receipts": [2]])
    }

    @Test("a quiet gate says nothing to people")
    func quiet() throws {
        let gate = try Conversation(isQuiet: true)
        #expect(gate.step(denied(denial(at: 1))).people.isEmpty)
    }
}
