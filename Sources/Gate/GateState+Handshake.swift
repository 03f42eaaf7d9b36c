import Decision
import MCP
import StrictJSON

/// Which versions the two agree on.
extension GateState {
    /// A version that is not known here would give messages another meaning than the one that they are judged by.
    mutating func initialized(_ id: RequestID, _ pending: Pending, _ result: JSONNode, _ size: Int, _ turn: inout GateTurn) {
        guard let node = tape.member("protocolVersion", of: result), let name = tape.stringBytes(node) else {
            return refuseHandshake(id, pending, .badParameters, size, &turn)
        }
        guard let version = ProtocolVersion(name), version.era == .legacy else {
            return refuseHandshake(id, pending, .unknownVersion(String(decoding: name, as: UTF8.self)), size, &turn)
        }
        agreed = version
        noteNegotiated(name)
        abilities = pending.abilities
        unknownID = UnknownID(agreed: version)
        forward(
            to: .client, edits: unaccepted(.initialize, in: result) + welcomeEdits(result, tasks: version == .november2025 ? .core : nil),
            &turn)
    }

    /// The client is shown those versions in which it can be served.
    mutating func discovered(_ id: RequestID, _ pending: Pending, _ result: JSONNode, _ size: Int, _ turn: inout GateTurn) {
        guard let versions = tape.member("supportedVersions", of: result), tape.kind(of: versions) == .array else {
            return refuseHandshake(id, pending, .badParameters, size, &turn)
        }
        var edits = unaccepted(.discover, in: result)
        var cursor = tape.firstChild(of: versions)
        while let version = cursor {
            if tape.stringBytes(version).flatMap(ProtocolVersion.init) == nil { edits.append(JSONEdit(version, .remove)) }
            cursor = tape.nextElement(after: version)
        }
        forward(to: .client, edits: edits + welcomeEdits(result, tasks: .extension), &turn)
    }

    private mutating func refuseHandshake(
        _ id: RequestID, _ pending: Pending, _ reason: BlockReason, _ size: Int, _ turn: inout GateTurn
    ) {
        var input = Input(side: .server, id: id, size: size)
        input.method = pending.method
        blockResponse(input, reason, &turn)
    }
}
