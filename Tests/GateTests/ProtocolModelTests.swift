import Gate
import MCP
import StrictJSON
import TestSupport
import Testing

/// Random sessions, played to the gate and to the model.
@Suite struct ProtocolModelTests {
    private static let seeds = (0..<3).map { _ in UInt64.random(in: .min ... .max) }
    /// Few, so that they meet; of both types.
    private static let ids = ["1", "2", "3", "\"1\"", "\"a\""]

    @Test("a random session goes as the model of the protocol says", arguments: ProtocolVersion.allCases, seeds)
    func agrees(_ version: ProtocolVersion, _ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let gate = try Conversation(isQuiet: true)
        if version.era == .legacy { gate.initialize(version.rawValue) }
        var model = ProtocolModel(version)
        var history: [String] = []
        for round in 0..<1_500 {
            let side: Side = Bool.random(using: &random) ? .client : .server
            let act = Self.act(depth: 2, &random)
            let line = Self.line(side, act, version)
            history.append("\(side): \(line)")
            let outcome = gate.step(side, Array(line.utf8))
            let seen = ProtocolModel.Sights(toServer: try outcome.toServer.map(Self.sight), toClient: try outcome.toClient.map(Self.sight))
            let expected = model.act(side, act)
            guard seen == expected else {
                Issue.record(
                    "seed \(seed), round \(round): saw \(seen), expected \(expected)\n\(history.suffix(12).joined(separator: "\n"))")
                return
            }
        }
    }

    private static func act(depth: Int, _ random: inout SeededGenerator) -> ProtocolModel.Act {
        let id = ids.randomElement(using: &random) ?? ""
        switch Int.random(in: 0..<(depth > 0 ? 12 : 10), using: &random) {
        case 0..<4: return .ask(id, ProtocolModel.Request.allCases.randomElement(using: &random) ?? .allowed)
        case 4..<7: return .answer(id, isError: Bool.random(using: &random))
        case 7..<9: return .cancel(id)
        case 9: return .rubbish
        default: return .batch((0..<Int.random(in: 0..<5, using: &random)).map { _ in act(depth: depth - 1, &random) })
        }
    }

    private static func line(_ side: Side, _ act: ProtocolModel.Act, _ version: ProtocolVersion) -> String {
        let meta = version.era == .modern ? #""_meta":\#(Conversation.modernMeta)"# : #""_meta":{}"#
        switch act {
        case .ask(let id, let request): return #"{"jsonrpc":"2.0","id":\#(id),\#(method(side, request, meta))}"#
        case .answer(let id, true): return #"{"jsonrpc":"2.0","id":\#(id),"error":{"code":-1,"message":"no"}}"#
        case .answer(let id, false): return #"{"jsonrpc":"2.0","id":\#(id),"result":{"content":[],"tools":[]}}"#
        case .cancel(let id): return #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":\#(id)}}"#
        case .rubbish: return "7"
        case .batch(let members): return "[\(members.map { line(side, $0, version) }.joined(separator: ","))]"
        }
    }

    private static func method(_ side: Side, _ request: ProtocolModel.Request, _ meta: String) -> String {
        switch (side, request) {
        case (.client, .allowed): #""method":"tools/call","params":{"name":"get_a",\#(meta)}"#
        case (.client, .denied): #""method":"tools/call","params":{"name":"get_secret",\#(meta)}"#
        case (.client, .list): #""method":"tools/list","params":{\#(meta)}"#
        case (.server, .allowed): #""method":"ping""#
        case (.server, .denied): #""method":"roots/list""#
        case (.server, .list): #""method":"tools/list""#
        case (_, .unknown): #""method":"made/up","params":{\#(meta)}"#
        }
    }

    private static func sight(_ line: String) throws -> ProtocolModel.Sight { try sight(JSON(parsing: Array(line.utf8))) }

    private static func sight(_ json: JSON) throws -> ProtocolModel.Sight {
        if let members = json.array { return .array(try members.map(sight)) }
        let id = json["id"].flatMap { $0 == JSON.null ? nil : String(decoding: $0.encoded(), as: UTF8.self) }
        if json["method"] == "notifications/cancelled" {
            return .cancelled(String(decoding: try #require(json["params"]?["requestId"]).encoded(), as: UTF8.self))
        }
        if json["method"] != nil { return .asked(try #require(id)) }
        let isRefusal = json["error"]?["data"]?["code"] != nil || json["result"]?["_meta"]?["io.sandboxd/decision"] != nil
        return isRefusal ? .refused(id) : .answered(try #require(id), isError: json["error"] != nil)
    }
}
