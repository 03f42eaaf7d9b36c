import Decision
import MCP
import StrictJSON

/// Resources: one is what its URI denotes, however it is written.
extension GateState {
    /// resources/read, and subscriptions to what changes.
    mutating func resource(
        _ input: Input, _ id: RequestID, _ params: JSONNode?, _ meta: RequestMeta, _ now: UInt64, _ turn: inout GateTurn
    ) {
        guard let members = Parameters(params, input.method == .readResource ? Self.names(["uri"], in: meta.era) : ["uri"], in: tape),
            let uri = bytes(of: members[0]), input.method == .readResource || uri.count <= Listening.longestURI
        else { return block(input, .badParameters, &turn) }
        request(about: .resource(uri), input, id, members, params, meta, now, &turn)
        guard fromClient[id] != nil else { return }
        if input.method == .subscribeResource, subscriptions.count < Pending.limit { subscriptions.insert(uri) }
        if input.method == .unsubscribeResource { subscriptions.remove(uri) }
    }

    /// notifications/resources/updated, for who subscribed. What changed may lie below the resource that was subscribed to, so that its own URI
    /// is judged.
    mutating func resourceUpdated(_ input: Input, _ params: JSONNode?, _ turn: inout GateTurn) {
        guard let params, let uri = bytes(of: tape.member("uri", of: params)) else { return block(input, .badParameters, &turn) }
        do throws(BlockReason) { _ = try permission(for: .resource(uri)) } catch { return block(input, error, &turn) }
        let isWanted =
            switch stream(of: params) {
            case .none: agreed != nil && !subscriptions.isEmpty
            case .open(let stream): stream.isAcknowledged && !stream.resources.isEmpty
            case .unknown: false
            }
        isWanted ? passNotification(&turn) : block(input, .unexpectedNotification, &turn)
    }
}
