import MCP
import Policy
import StrictJSON

/// What is left out of messages on their way, by the table of `SideChannel`.
extension GateState {
    /// Of params or a result of the client: its `_meta`.
    func clientMetaEdits(_ container: JSONNode?, takesTasks: Bool = true) -> [JSONEdit] {
        guard let container, let meta = tape.member("_meta", of: container), tape.kind(of: meta) == .object else { return [] }
        var edits: [JSONEdit] = []
        var cursor = tape.firstChild(of: meta)
        while let name = cursor {
            let value = tape.value(of: name)
            if tape.isString(name, ModernMeta.capabilities) {
                edits += capabilityEdits(value, of: .client, tasks: takesTasks ? .extension : nil)
            } else if !isPassed(name, value) {
                edits.append(JSONEdit(name, .remove))
            }
            cursor = tape.nextName(after: name)
        }
        return edits
    }

    private func isPassed(_ name: JSONNode, _ value: JSONNode) -> Bool {
        if tape.isString(name, TaskState.relation) { return isRelation(name) }
        if tape.isString(name, "traceparent") { return tape.stringBytes(value).map(SideChannel.isTraceParent) ?? false }
        return SideChannel.clientMeta.contains { tape.isString(name, $0) }
    }

    /// Of what a server sends: nothing in `_meta` looks as if the gate had written it, or belonged to a task of others.
    func metaEdits(_ container: JSONNode) -> [JSONEdit] {
        guard let meta = tape.member("_meta", of: container), tape.kind(of: meta) == .object else { return [] }
        var edits: [JSONEdit] = []
        var cursor = tape.firstChild(of: meta)
        while let name = cursor {
            let isForeign = tape.isString(name, TaskState.relation) && !isRelation(name)
            if isForeign || begins(name, with: SideChannel.ownPrefix) { edits.append(JSONEdit(name, .remove)) }
            cursor = tape.nextName(after: name)
        }
        return edits
    }

    /// Icons that a client would have to fetch.
    func iconEdits(_ item: JSONNode) -> [JSONEdit] {
        guard tape.kind(of: item) == .object, let icons = tape.member("icons", of: item), tape.kind(of: icons) == .array else { return [] }
        var edits: [JSONEdit] = []
        var cursor = tape.firstChild(of: icons)
        while let icon = cursor {
            let isData = tape.member("src", of: icon).map { begins($0, with: Self.data) } ?? false
            if !isData { edits.append(JSONEdit(icon, .remove)) }
            cursor = tape.nextElement(after: icon)
        }
        return edits
    }

    /// The decoded bytes of a string; nil for anything else, and for nothing.
    func bytes(of node: JSONNode?) -> [UInt8]? { node.flatMap { tape.stringBytes($0) } }

    private func begins(_ node: JSONNode, with prefix: [UInt8]) -> Bool {
        tape.withString(node) { text in
            guard text.count >= prefix.count else { return false }
            for index in prefix.indices where text[index] != prefix[index] { return false }
            return true
        } ?? false
    }

    private static var data: [UInt8] { Array("data:".utf8) }

    /// The content of a result: icons of the resources that it links to.
    func contentEdits(_ result: JSONNode) -> [JSONEdit] {
        guard let content = tape.member("content", of: result), tape.kind(of: content) == .array else { return [] }
        var edits: [JSONEdit] = []
        var cursor = tape.firstChild(of: content)
        while let item = cursor {
            edits += iconEdits(item)
            cursor = tape.nextElement(after: item)
        }
        return edits
    }

    /// The messages of a prompt: icons of the resources that they link to.
    func messageEdits(_ result: JSONNode) -> [JSONEdit] {
        guard let messages = tape.member("messages", of: result), tape.kind(of: messages) == .array else { return [] }
        var edits: [JSONEdit] = []
        var cursor = tape.firstChild(of: messages)
        while let message = cursor {
            if let content = tape.member("content", of: message) { edits += iconEdits(content) }
            cursor = tape.nextElement(after: message)
        }
        return edits
    }

    /// Capabilities of a side, without those that the policy denies and those that are not known.
    /// `tasks`: how tasks are spelt there, where they may be named.
    func capabilityEdits(_ capabilities: JSONNode, of side: Side, tasks: TaskCapability?) -> [JSONEdit] {
        guard tape.kind(of: capabilities) == .object else { return [] }
        var edits: [JSONEdit] = []
        var cursor = tape.firstChild(of: capabilities)
        while let name = cursor {
            if let tasks, tape.isString(name, tasks.name) {
                edits += taskEdits(name, tasks, of: side)
            } else if !isPermitted(name, of: side) {
                edits.append(JSONEdit(name, .remove))
            }
            cursor = tape.nextName(after: name)
        }
        return edits
    }

    private func isPermitted(_ capability: JSONNode, of side: Side) -> Bool {
        switch side {
        case .client:
            return tape.isString(capability, "sampling") && isPermitted(.sampling)
                || tape.isString(capability, "elicitation") && isPermitted(.elicitation)
                || tape.isString(capability, "roots") && isPermitted(.roots)
        case .server:
            return tape.isString(capability, "tools") || tape.isString(capability, "logging")
                || tape.isString(capability, "resources") && isPermitted(.resources)
                || tape.isString(capability, "prompts") && isPermitted(.prompts)
                || tape.isString(capability, "completions") && (isPermitted(.resources) || isPermitted(.prompts))
        }
    }

    /// What a client offers in `initialize`.
    func offerEdits(_ method: Method, _ params: JSONNode?) -> [JSONEdit] {
        guard method == .initialize, let params, let capabilities = tape.member("capabilities", of: params) else { return [] }
        return capabilityEdits(capabilities, of: .client, tasks: .core)
    }

    /// What a server says of itself in answer to `initialize` or `server/discover`.
    func welcomeEdits(_ result: JSONNode, tasks: TaskCapability?) -> [JSONEdit] {
        let capabilities = tape.member("capabilities", of: result).map { capabilityEdits($0, of: .server, tasks: tasks) } ?? []
        let icons = tape.member("serverInfo", of: result).map { iconEdits($0) } ?? []
        return metaEdits(result) + capabilities + icons
    }
}
