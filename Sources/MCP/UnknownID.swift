/// Whether an answer to a message whose id cannot be read carries `id: null` or no id.
///
/// JSON-RPC 2.0 says `null`; the schemas of MCP from 2025-11-25 on leave the id out, and never permit null. What counts is what
/// was negotiated last in the session; before anything was, the newer form.
public enum UnknownID: Sendable, Hashable {
    case absent
    case null

    /// By the version that was agreed on.
    public init(agreed version: ProtocolVersion) {
        self = version < .november2025 ? .null : .absent
    }
}
