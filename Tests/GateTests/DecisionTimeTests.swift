import Gate
import SessionProtocol
import StrictJSON
import Testing

/// What receipts say of the gate's own time.
@Suite struct DecisionTimeTests {
    private final class Watch {
        var now: UInt64 = 0
    }

    private static func taken(_ outcome: Conversation.Outcome) -> [Int64?] { outcome.records.map { $0["nanoseconds"]?.int64 } }

    @Test("a decision says what it took, from when its line was taken up")
    func decisions() throws {
        let watch = Watch()
        let gate = try Conversation(clock: { watch.now })
        for (id, tool) in [("1", "get_a"), ("2", "get_secret"), ("3", "nobody_knows")] {
            watch.now = gate.time + 1_000 + 1_234
            let outcome = gate.client(Conversation.call(id, tool))
            #expect(Self.taken(outcome) == [1_234], "\(tool)")
            #expect(outcome.records[0]["decision"]?.string == (id == "1" ? "forward" : "block"))
        }
        // An answer is no decision; how long the call took stands in its outcome.
        let answered = gate.server(#"{"jsonrpc":"2.0","id":1,"result":{"content":[]}}"#)
        #expect(Self.taken(answered) == [nil] && answered.records[0]["microseconds"] != nil)
    }

    @Test("a call that waits for a person says what asking took, and what letting it go took, without the wait")
    func holds() throws {
        let watch = Watch()
        let gate = try Conversation(clock: { watch.now })
        watch.now = gate.time + 1_000 + 700
        let held = gate.client(Conversation.call("1", "refund"))
        #expect(Self.taken(held) == [700] && held.records[0]["decision"]?.string == "hold")
        let number = try held.asked()
        _ = gate.daemon(number, .held(approval: "a"))
        _ = gate.step(.due, later: 5_000_000_000)
        watch.now = gate.time + 300
        let granted = gate.daemon(number, .granted(approval: "a", by: "x"))
        #expect(granted.toServer.count == 1 && Self.taken(granted).compactMap(\.self) == [300])
    }

    @Test("a clock that goes back is no negative time, and without a clock nothing is said")
    func clocks() throws {
        let back = try Conversation(clock: { 0 })
        #expect(Self.taken(back.client(Conversation.call("1", "get_a"))) == [0])
        #expect(Self.taken(try Conversation().client(Conversation.call("1", "get_a"))) == [nil])
    }
}
