import MCP
import StrictJSON
import TestSupport
import Testing

@Suite struct NoiseTests {
    private static let seeds = (0..<4).map { _ in UInt64.random(in: .min ... .max) }

    private static let lines: [[UInt8]] = [
        Conversation.call("1", "get_a", #"{"x":[1,{"y":"z"}]}"#), Conversation.call("2", "get_secret"),
        Conversation.call("\"3\"", "send", #"{"to":"a"}"#),
        #"{"jsonrpc":"2.0","id":4,"method":"tools/list"}"#, #"{"jsonrpc":"2.0","id":5,"method":"ping"}"#,
        #"{"jsonrpc":"2.0","id":1,"result":{"content":[]}}"#, #"{"jsonrpc":"2.0","id":4,"result":{"tools":[{"name":"get_a"}]}}"#,
        #"{"jsonrpc":"2.0","id":2,"error":{"code":-1,"message":"x"}}"#,
        #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#,
    ].map { Array($0.utf8) }

    @Test("whatever either side writes, only whole judged messages leave, and denied tools never", arguments: seeds)
    func survives(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let gate = try Conversation()
        gate.initialize()
        for _ in 0..<3_000 {
            let side: Side = Bool.random(using: &random) ? .client : .server
            let outcome = gate.step(side, Self.damaged(&random))
            for line in outcome.toServer + outcome.toClient {
                let message = try JSON(parsing: Array(line.utf8), whitespace: .spacesOnly)
                #expect(message.encoded() == Array(line.utf8))
            }
            for line in outcome.toServer {
                let message = try JSON(parsing: Array(line.utf8))
                if message["method"] == "tools/call" { #expect(message["params"]?["name"] != "get_secret") }
            }
            for record in outcome.records { _ = try record.canonical() }
            if outcome.toServer.isEmpty && outcome.toClient.isEmpty { #expect(!outcome.records.isEmpty) }
        }
    }

    private static func damaged(_ random: inout SeededGenerator) -> [UInt8] {
        var line = lines.randomElement(using: &random) ?? []
        for _ in 0..<Int.random(in: 0..<3, using: &random) {
            let at = Int.random(in: 0..<line.count, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: line[at] = UInt8.random(in: .min ... .max, using: &random)
            case 1: line.remove(at: at)
            default: line.insert(Array("\"{}[],:\\\r 1".utf8).randomElement(using: &random) ?? 0, at: at)
            }
        }
        return line
    }
}
