public import Policy
public import StrictJSON

/// What a policy asks a person about: a call, or what a server asks the client for.
public struct HeldCall: Sendable, Hashable {
    /// The tool; of what a server asks for, the method, which no tool can be called: it has a `/`.
    public var tool: String
    /// What a server asks the client for; nil for a call.
    public var message: MessageKind?
    /// RFC 8785, before anything is masked: what the approver sees and the grant is bound to.
    public var arguments: String
    public var rule: String
    /// The layer that asks; nil for the policy.
    public var layer: String?
    /// What the rule says of itself.
    public var reason: String?
    /// The client can be asked in its own window, and the caller may approve: the daemon only books.
    public var isAskedInline: Bool

    /// Bytes of canonical arguments beyond which nobody could judge what is shown: such a call is blocked.
    public static let argumentsLimit = 64 << 10

    public init(
        tool: String, arguments: String, rule: String, layer: String? = nil, reason: String? = nil, isAskedInline: Bool = false,
        message: MessageKind? = nil
    ) {
        self.tool = tool
        self.arguments = arguments
        self.rule = rule
        self.layer = layer
        self.reason = reason
        self.isAskedInline = isAskedInline
        self.message = message
    }

    public var json: JSON {
        [
            "tool": .string(tool), "arguments": .string(arguments), "rule": .string(rule), "layer": layer.map(JSON.string) ?? .null,
            "reason": reason.map(JSON.string) ?? .null, "inline": .bool(isAskedInline),
            "message": message.map { .string($0.rawValue) } ?? .null,
        ]
    }

    /// `nil` for everything else.
    public init?(_ json: JSON) {
        guard case .object(let object) = json, object.count == 7, let tool = json["tool"]?.string,
            let arguments = json["arguments"]?.string,
            arguments.utf8.count <= Self.argumentsLimit, let rule = json["rule"]?.string, let layer = json["layer"],
            layer.isNull || layer.string != nil, let reason = json["reason"], reason.isNull || reason.string != nil,
            let inline = json["inline"]?.bool, let kind = json["message"]
        else { return nil }
        let message = kind.string.flatMap(MessageKind.init(rawValue:))
        // A grant for the one is none for the other.
        guard message != nil || kind.isNull, (message != nil) == tool.utf8.contains(UInt8(ascii: "/")) else { return nil }
        self.init(
            tool: tool, arguments: arguments, rule: rule, layer: layer.string, reason: reason.string, isAskedInline: inline,
            message: message)
    }
}
