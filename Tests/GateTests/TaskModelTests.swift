import Gate
import MCP
import StrictJSON
import TestSupport
import Testing

/// Random sessions about tasks, played to the gate and to the model.
@Suite struct TaskModelTests {
    private static let seeds = (0..<4).map { _ in UInt64.random(in: .min ... .max) }
    /// Few, so that they meet.
    private static let ids = ["1", "2", "3", "\"1\""]

    @Test("a random session about tasks goes as the model says", arguments: Era.allCases, seeds)
    func agrees(_ era: Era, _ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let gate = era == .legacy ? try Conversation.withTasks() : try Conversation(isQuiet: true)
        var model = TaskModel(era)
        var history: [String] = []
        for round in 0..<1_500 {
            let act = Self.act(era, round, &random)
            let (side, line) = Self.line(act, era)
            history.append("\(side): \(line)")
            let outcome = gate.step(side, Array(line.utf8))
            let seen = TaskModel.Sights(toServer: try outcome.toServer.map(Self.sight), toClient: try outcome.toClient.map(Self.sight))
            let expected = model.act(act)
            guard seen == expected else {
                Issue.record(
                    "seed \(seed), round \(round): saw \(seen), expected \(expected)\n\(history.suffix(12).joined(separator: "\n"))")
                return
            }
        }
        #expect(model.tasks.count > 5, "seed \(seed)")
    }

    private static func act(_ era: Era, _ round: Int, _ random: inout SeededGenerator) -> TaskModel.Act {
        let id = ids.randomElement(using: &random) ?? ""
        // Of those that there may be by now, and of some that there are not.
        let task = "t\(Int.random(in: 0...(round / 40 + 2), using: &random))"
        switch Int.random(in: 0..<14, using: &random) {
        case 0..<3: return .ask(id, .call(asTask: Int.random(in: 0..<4, using: &random) > 0))
        case 3..<5: return .ask(id, .get(task))
        case 5: return .ask(id, era == .legacy ? .result(task) : .get(task))
        case 6: return .ask(id, .cancel(task))
        case 7: return .withdraw(id)
        case 8..<10: return .answer(id, .created(task))
        case 10: return .answer(id, .state(task))
        case 11: return .answer(id, [.content, .nothing, .error].randomElement(using: &random) ?? .content)
        case 12: return .answer(id, .content)
        default: return .notice(task)
        }
    }

    private static func line(_ act: TaskModel.Act, _ era: Era) -> (Side, String) {
        switch act {
        case .ask(let id, .call(asTask: true)): (.client, Conversation.taskCall(id, era: era))
        case .ask(let id, .call(asTask: false)): (.client, Conversation.call(id, "get_a", era: era))
        case .ask(let id, .get(let task)): (.client, Conversation.about(task, id, "get", era: era))
        case .ask(let id, .result(let task)): (.client, Conversation.about(task, id, "result", era: era))
        case .ask(let id, .cancel(let task)): (.client, Conversation.about(task, id, "cancel", era: era))
        case .withdraw(let id): (.client, Conversation.notification("notifications/cancelled", #""requestId":\#(id)"#))
        case .answer(let id, .error): (.server, #"{"jsonrpc":"2.0","id":\#(id),"error":{"code":-1,"message":"no"}}"#)
        case .answer(let id, .created(let task)): (.server, Conversation.created(id, task, era: era))
        case .answer(let id, .content): (.server, Conversation.result(id, complete(#""content":[]"#, era)))
        case .answer(let id, .nothing): (.server, Conversation.result(id, complete("", era)))
        case .answer(let id, .state(let task)):
            (.server, Conversation.result(id, complete(String(Conversation.task(task, era: era).dropFirst().dropLast()), era)))
        case .notice(let task):
            (
                .server,
                Conversation.notification(
                    era == .legacy ? "notifications/tasks/status" : "notifications/tasks",
                    String(Conversation.task(task, era: era).dropFirst().dropLast()))
            )
        }
    }

    private static func complete(_ members: String, _ era: Era) -> String {
        "{" + [era == .modern ? #""resultType":"complete""# : "", members].filter { !$0.isEmpty }.joined(separator: ",") + "}"
    }

    private static func sight(_ line: String) throws -> TaskModel.Sight {
        let json = try JSON(parsing: Array(line.utf8))
        let id = json["id"].map { String(decoding: $0.encoded(), as: UTF8.self) }
        if json["method"] == "notifications/cancelled" {
            return .withdrawn(String(decoding: try #require(json["params"]?["requestId"]).encoded(), as: UTF8.self))
        }
        if json["method"]?.string?.hasPrefix("notifications/tasks") == true {
            return .told(try #require(json["params"]?["taskId"]?.string))
        }
        if json["method"] != nil { return .asked(try #require(id)) }
        let isRefusal = json["error"]?["data"]?["code"] != nil || json["result"]?["_meta"]?["io.sandboxd/decision"] != nil
        return isRefusal ? .refused(id) : .answered(try #require(id))
    }
}
