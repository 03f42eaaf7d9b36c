import MCP

/// A reader of what others write. Any bytes may come: it must neither crash nor hang nor contradict itself.
public enum FuzzTarget: String, CaseIterable, Sendable {
    /// Documents of JSON: tape, tree, writing, canonical form.
    case json
    /// Lines of a client or a server.
    case message
    /// Lines of a client, or of a server, in the middle of a session.
    case client
    case server
    /// Both streams of a whole session, in pieces.
    case session
    /// A JSON Schema, a zero byte, and a value that it judges.
    case schema
    /// A regular expression of ECMA-262, a zero byte, and a text in which it is looked for.
    case pattern
    /// What an operator of `when` asks, a zero byte, and the text it is asked of.
    case condition
    /// Policies.
    case yaml
    /// Endpoints, names, addresses, tool patterns and JSON Pointers.
    case address
    /// Host profiles.
    case host
    /// Lines of a log.
    case line
    /// Checkpoints, proofs and public keys.
    case proof
    /// What retention leaves of segments.
    case roots
    /// What lies beside a log so that it need not be read whole.
    case snapshot
    /// Public keys, a zero byte, and an acta receipt.
    case acta
    /// DSSE envelopes and in-toto statements.
    case envelope
    /// What a peer of the control socket writes, and what it is answered.
    case control
    /// Configurations of MCP clients, in each of their formats, and their edits.
    case clients
    /// What a server asks its name proxy for, and how its TLS begins.
    case asking
    case hello

    /// Does with the bytes what is done with them at work, and whatever must come to the same.
    public func run(_ bytes: [UInt8]) throws(Contradiction) {
        switch self {
        case .json: try JSONFuzz.run(bytes)
        case .message: try MessageFuzz.run(bytes)
        case .client: try GateFuzz.run(bytes, from: .client)
        case .server: try GateFuzz.run(bytes, from: .server)
        case .session: try SessionFuzz.run(bytes)
        case .schema: try SchemaFuzz.run(bytes)
        case .pattern: try SchemaFuzz.runPattern(bytes)
        case .condition: try ConditionFuzz.run(bytes)
        case .yaml: try PolicyFuzz.run(bytes)
        case .address: try AddressFuzz.run(bytes)
        case .host: try HostFuzz.run(bytes)
        case .line: try EvidenceFuzz.runLine(bytes)
        case .proof: try EvidenceFuzz.runProof(bytes)
        case .roots: try EvidenceFuzz.runRoots(bytes)
        case .snapshot: try EvidenceFuzz.runSnapshot(bytes)
        case .acta: try EvidenceFuzz.runActa(bytes)
        case .envelope: try EvidenceFuzz.runEnvelope(bytes)
        case .control: try ControlFuzz.run(bytes)
        case .clients: try ClientConfigFuzz.run(bytes)
        case .asking: try ProxyFuzz.runAsking(bytes)
        case .hello: try ProxyFuzz.runHello(bytes)
        }
    }
}

/// Two things that must agree do not.
public struct Contradiction: Error, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }

    static func unless(_ holds: Bool, _ what: @autoclosure () -> String) throws(Contradiction) {
        guard holds else { throw Contradiction(what()) }
    }
}

/// What stands before the first zero byte, and what stands behind it.
func halves(_ bytes: [UInt8]) -> (first: [UInt8], second: [UInt8]) {
    let end = bytes.firstIndex(of: 0) ?? bytes.endIndex
    return (Array(bytes[..<end]), Array(bytes[end...].dropFirst()))
}
