import Decision
import MCP
import Policy
import SessionProtocol
import StrictJSON

/// Lists show only what may be used.
extension GateState {
    /// A list that the messages section may deny as a whole.
    mutating func list(
        _ input: Input, _ id: RequestID, of kind: MessageKind, _ params: JSONNode?, _ meta: RequestMeta, _ now: UInt64,
        _ turn: inout GateTurn
    ) {
        do throws(BlockReason) { try permitsSome(kind) } catch { return block(input, error, &turn) }
        guard let method = input.method, let members = Parameters(params, ["cursor"], in: tape),
            members[0].map({ tape.kind(of: $0) == .string }) ?? true
        else { return block(input, .badParameters, &turn) }
        fromClient[id] = Pending(method, meta, since: now, slot: expectAnswer())
        forward(to: .server, edits: clientMetaEdits(params), &turn)
    }

    /// Passes on what may be used of a page. On modern requests nobody else may get it from a cache.
    mutating func page(
        _ listing: Listing, _ id: RequestID, _ pending: Pending, _ result: JSONNode, _ size: Int, _ turn: inout GateTurn
    ) {
        guard let items = tape.member(listing.items, of: result), tape.kind(of: items) == .array else {
            return blockResponse(Input(answering: id, pending, size), .badParameters, &turn)
        }
        var edits = metaEdits(result)
        var cursor = tape.firstChild(of: items)
        while let item = cursor {
            if isListed(item, listing) { edits += iconEdits(item) } else { edits.append(JSONEdit(item, .remove)) }
            cursor = tape.nextElement(after: item)
        }
        if pending.era == .modern { edits.append(privateCache(result)) }
        forward(to: .client, edits: edits, &turn)
    }

    private mutating func isListed(_ item: JSONNode, _ listing: Listing) -> Bool {
        guard let name = bytes(of: tape.member(listing.name, of: item)), isPermitted(name, listing) else { return false }
        guard let kind = listing.pinned else { return true }
        return isAccepted(Pins.Key(kind: kind, name: name), item)
    }

    /// By the policy.
    func isPermitted(_ name: [UInt8], _ listing: Listing) -> Bool {
        switch listing {
        case .tools: ToolName.isValid(name) && rules.mayBeCalled(name)
        case .prompts: messages.judge(.prompt(name)).effect == .allow
        case .resources: messages.judge(.resource(name)).effect == .allow
        case .templates: messages.judge(.template(name)).effect == .allow
        }
    }

    func privateCache(_ result: JSONNode) -> JSONEdit {
        let value = Array("\"private\"".utf8)
        guard let scope = tape.member("cacheScope", of: result) else {
            return JSONEdit(result, .append(name: "cacheScope", value: value))
        }
        return JSONEdit(scope, .replace(value))
    }
}
