import Decision
import Gate
import MCP
import Policy
import Testing

/// Conversations about tasks, and how they are written.
extension Conversation {
    static let taskMeta =
        #"{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}},"elicitation":{},"roots":{}}}"#

    /// 2025-11-25 is agreed on.
    static func withTasks(_ rules: [Rule] = Conversation.rules, isQuiet: Bool = true) throws -> Conversation {
        let gate = try Conversation(rules, isQuiet: isQuiet)
        gate.initialize("2025-11-25")
        return gate
    }

    /// A call that may become a task.
    static func taskCall(_ id: String, _ tool: String = "get_a", _ arguments: String = "{}", era: Era = .legacy) -> String {
        let rest = era == .modern ? #""_meta":\#(taskMeta)"# : #""task":{"ttl":60000}"#
        return #"{"jsonrpc":"2.0","id":\#(id),"method":"tools/call","params":{"name":"\#(tool)","arguments":\#(arguments),\#(rest)}}"#
    }

    /// A task of this id, as servers write it.
    static func task(_ id: String, _ status: String = "working", _ more: String = "", era: Era = .legacy) -> String {
        let life = era == .modern ? "ttlMs" : "ttl"
        return
            #"{"taskId":"\#(id)","status":"\#(status)","createdAt":"2026-01-01T00:00:00Z","lastUpdatedAt":"2026-01-01T00:00:00Z","\#(life)":null\#(more)}"#
    }

    /// The answer to a call that became a task.
    static func created(_ id: String, _ task: String, era: Era = .legacy) -> String {
        let state = Conversation.task(task, era: era)
        return result(id, era == .modern ? #"{"resultType":"task",\#(state.dropFirst())"# : #"{"task":\#(state)}"#)
    }

    /// A request about a task.
    static func about(_ task: String, _ id: String, _ method: String, _ more: String = "", era: Era = .legacy) -> String {
        let meta = era == .modern ? #","_meta":\#(taskMeta)"# : ""
        return #"{"jsonrpc":"2.0","id":\#(id),"method":"tasks/\#(method)","params":{"taskId":"\#(task)"\#(more)\#(meta)}}"#
    }

    /// The answer of the extension to tasks/get.
    static func got(_ id: String, _ task: String, _ status: String = "working", _ more: String = "") -> String {
        result(id, #"{"resultType":"complete",\#(Conversation.task(task, status, more, era: .modern).dropFirst())"#)
    }

    /// A call that became a task.
    func makeTask(_ task: String, call: String = "1", era: Era = .legacy) {
        #expect(client(Conversation.taskCall(call, era: era)).toServer.count == 1)
        #expect(server(Conversation.created(call, task, era: era)).toClient.count == 1)
    }
}
