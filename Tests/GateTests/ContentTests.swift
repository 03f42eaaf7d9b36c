import Decision
import Evidence
import Gate
import MCP
import Policy
import StrictJSON
import Testing

/// What the gate hands over to be kept where the policy says `evidence.arguments: full`.
@Suite struct ContentTests {
    private static func pointer(_ text: String) throws -> JSONPointer { try #require(JSONPointer(text)) }

    private static func rules() throws -> [Rule] {
        let amount = try pointer("/amount")
        return [
            Rule(id: "look", tools: [try #require(ToolPattern("get_*"))], effect: .allow),
            Rule(
                id: "pay", tools: [try #require(ToolPattern("pay"))], effect: .allow,
                when: .argument(amount, [.below(JSONText(json: Array("100".utf8)))]),
                redact: [try pointer("/card"), try pointer("/who/name")]),
        ]
    }

    private func code(_ content: String) -> JSON {
        var mac = HMACSHA256(key: Array("a key of the session's own".utf8))
        return .string("hmac-sha256:" + mac.code(Array(content.utf8)).hex)
    }

    @Test("without `full` nothing is handed over")
    func commitments() throws {
        let record = try Conversation(Self.rules()).client(Conversation.call("1", "get_a", #"{"a":1}"#)).records[0]
        #expect(record["kept"] == nil && record["content"] == nil && record["arguments"] != nil)
    }

    @Test("arguments are handed over in canonical form with the decision, and committed to")
    func full() throws {
        let gate = try Conversation(Self.rules(), keepsArguments: true)
        let record = gate.client(Conversation.call("1", "get_a", #"{ "b":1.0e1, "\u0061":"x" }"#)).records[0]
        #expect(record["kept"]?.encoded() == Array(#"{"a":"x","b":10}"#.utf8))
        #expect(record["content"] == record["arguments"])
        #expect(record["content"] == code(#"{"a":"x","b":10}"#))
        let none = gate.client(#"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"get_a"}}"#).records[0]
        #expect(none["kept"]?.encoded() == Array("{}".utf8))
        // What is blocked is kept as well: it was asked for.
        let blocked = gate.client(Conversation.call("3", "unknown", #"{"a":1}"#)).records[0]
        #expect(blocked["decision"] == "block" && blocked["kept"] == ["a": 1])
    }

    @Test("what some rule of the tool masks is never handed over, whether the rule applies or not", arguments: [5, 500])
    func masks(amount: Int) throws {
        let gate = try Conversation(Self.rules(), keepsArguments: true)
        let outcome = gate.client(Conversation.call("1", "pay", #"{"who":{"name":"Ann","id":1},"card":"4111","amount":\#(amount)}"#))
        let record = outcome.records[0]
        #expect(record["decision"]?.string == (amount < 100 ? "forward" : "block"))
        let kept = #"{"amount":\#(amount),"card":"[redacted]","who":{"id":1,"name":"[redacted]"}}"#
        #expect(record["kept"]?.encoded() == Array(kept.utf8))
        #expect(record["content"] == code(kept) && record["content"] != record["arguments"])
        #expect(!String(decoding: record.encoded(), as: UTF8.self).contains("4111"))
    }

    @Test("where it cannot be told what is to be masked the call is blocked, and nothing is handed over")
    func ambiguous() throws {
        let gate = try Conversation(Self.rules(), keepsArguments: true)
        let outcome = gate.client(Conversation.call("1", "pay", #"{"Card":"4111","amount":500}"#))
        #expect(outcome.blocked == "D109")
        #expect(outcome.records[0]["kept"] == nil && outcome.records[0]["content"] == nil)
    }
}
