import Decision
import MCP
import Policy
import SessionProtocol
import StrictJSON

/// Prompts, and what completes their arguments and those of resource templates.
extension GateState {
    /// prompts/get
    mutating func prompt(
        _ input: Input, _ id: RequestID, _ params: JSONNode?, _ meta: RequestMeta, _ now: UInt64, _ turn: inout GateTurn
    ) {
        var input = input
        guard let members = Parameters(params, Self.names(["arguments", "name"], in: meta.era), in: tape), let name = bytes(of: members[1]),
            name.count <= Self.longestPromptName, isTableOfTexts(members[0])
        else { return block(input, .badParameters, &turn) }
        input.name = name
        if messages.judge(.prompt(name)).effect == .allow, let reason = pins.reason(against: name, .prompt) {
            return block(input, reason, &turn)
        }
        request(about: .prompt(name), input, id, members, params, meta, now, &turn)
    }

    private static var longestPromptName: Int { 1_024 }

    /// completion/complete: who may not use the one that is completed learns nothing of it this way.
    mutating func complete(
        _ input: Input, _ id: RequestID, _ params: JSONNode?, _ meta: RequestMeta, _ now: UInt64, _ turn: inout GateTurn
    ) {
        guard let members = Parameters(params, ["argument", "context", "ref"], in: tape), let subject = completed(members[2]),
            members[0] != nil, isTableOfTexts(members[0])
        else { return block(input, .badParameters, &turn) }
        request(about: subject, input, id, members, params, meta, now, &turn)
    }

    /// What a reference names.
    private func completed(_ reference: JSONNode?) -> MessageRules.Subject? {
        guard let reference, let type = tape.member("type", of: reference) else { return nil }
        if tape.isString(type, "ref/prompt") {
            return bytes(of: tape.member("name", of: reference)).map { .prompt($0) }
        }
        guard tape.isString(type, "ref/resource") else { return nil }
        return bytes(of: tape.member("uri", of: reference)).map { .template($0) }
    }

    /// Nothing, or an object whose values are all strings.
    private func isTableOfTexts(_ node: JSONNode?) -> Bool {
        guard let node else { return true }
        guard tape.kind(of: node) == .object else { return false }
        var cursor = tape.firstChild(of: node)
        while let name = cursor {
            guard tape.kind(of: tape.value(of: name)) == .string else { return false }
            cursor = tape.nextName(after: name)
        }
        return true
    }
}
