import MCP
import StrictJSON

/// How the two sides say that they know tasks.
enum TaskCapability {
    /// A capability of 2025-11-25.
    case core
    /// The extension of 2026-07-28.
    case `extension`

    /// The member that says it.
    var name: StaticString {
        switch self {
        case .core: "tasks"
        case .extension: "extensions"
        }
    }
}

/// What is left of it: calls of tools as tasks, and nothing else that a server or a client may do by tasks.
extension GateState {
    /// `name`: of the capability.
    func taskEdits(_ name: JSONNode, _ capability: TaskCapability, of side: Side) -> [JSONEdit] {
        let value = tape.value(of: name)
        guard tape.kind(of: value) == .object else { return [JSONEdit(name, .remove)] }
        switch (capability, side) {
        // Servers ask for nothing that is fetched later; that a client knows tasks they may be told.
        case (.core, .client): return members(of: value, except: [])
        case (.core, .server): return coreEdits(value)
        case (.extension, _):
            guard let settings = tape.member(TaskState.extensionName, of: value), tape.kind(of: settings) == .object else {
                return [JSONEdit(name, .remove)]
            }
            // There are no settings.
            return members(of: value, except: [TaskState.extensionName]) + members(of: settings, except: [])
        }
    }

    private func coreEdits(_ tasks: JSONNode) -> [JSONEdit] {
        var edits = members(of: tasks, except: ["list", "cancel", "requests"])
        guard let requests = tape.member("requests", of: tasks) else { return edits }
        edits += members(of: requests, except: ["tools"])
        if let tools = tape.member("tools", of: requests) { edits += members(of: tools, except: ["call"]) }
        return edits
    }

    private func members(of object: JSONNode, except names: [StaticString]) -> [JSONEdit] {
        guard tape.kind(of: object) == .object else { return [] }
        var edits: [JSONEdit] = []
        var cursor = tape.firstChild(of: object)
        while let name = cursor {
            if !names.contains(where: { tape.isString(name, $0) }) { edits.append(JSONEdit(name, .remove)) }
            cursor = tape.nextName(after: name)
        }
        return edits
    }
}
