import MCP
import StrictJSON

/// A message that is no more than thought of: what somebody would ask or tell, and who.
struct AskedMessage: Sendable, Hashable {
    let method: String
    let from: Side
    let params: JSON?

    /// `from`: nil for whoever may send it; where both may, the client.
    init(_ method: String, params: JSON? = nil, from side: Side? = nil) {
        self.method = method
        self.params = params
        let known = Method(rawValue: method)
        from = side ?? (known?.versions(from: .client) == nil && known?.versions(from: .server) != nil ? .server : .client)
    }

    /// A line of `{"message": …, "params": …, "from": …}`; nil for every other document.
    init?(line: JSON) {
        guard let object = line.object, let method = line["message"]?.string else { return nil }
        let side = line["from"].map { $0.string.flatMap(Side.init) }
        guard object.members.allSatisfy({ ["message", "params", "from"].contains($0.name) }), side != .some(nil) else { return nil }
        self.init(method, params: line["params"], from: side ?? nil)
    }

    /// As it would be sent.
    var line: [UInt8] {
        var message = JSONObject([("jsonrpc", "2.0")])
        if Method(rawValue: method)?.isNotification != true { message["id"] = .string(Self.id) }
        message["method"] = .string(method)
        message["params"] = isModernOnly ? .object(modernParams) : params
        return JSON.object(message).encoded()
    }

    /// No other request of the session has it.
    private static let id = "decide"

    /// The client may send it in the modern era alone, and did not say so itself.
    private var isModernOnly: Bool {
        guard from == .client, let versions = Method(rawValue: method)?.versions(from: .client), versions.lowerBound == .july2026 else {
            return false
        }
        return (params == nil || params?.object != nil) && params?["_meta"] == nil
    }

    private var modernParams: JSONObject {
        var members = params?.object ?? JSONObject()
        members["_meta"] = [
            ModernMeta.version.description: .string(ProtocolVersion.july2026.rawValue),
            ModernMeta.capabilities.description: Handshake.clientCapabilities,
        ]
        return members
    }
}
