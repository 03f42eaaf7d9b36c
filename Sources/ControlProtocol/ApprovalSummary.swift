public import StrictJSON

/// What is said of a call that waits for a person, or of what a server asks the client for, but for its arguments.
public struct ApprovalSummary: Sendable, Hashable {
    /// The process that started the session, as it was seen then.
    public struct Client: Sendable, Hashable {
        public let pid: Int32
        public let executable: String

        public init(pid: Int32, executable: String) {
            self.pid = pid
            self.executable = executable
        }

        var json: JSON { ["pid": JSON(Int(pid)), "executable": .string(executable)] }

        /// `nil` for what is none.
        init?(_ json: JSON?) {
            guard let pid = json?["pid"]?.int64.flatMap({ Int32(exactly: $0) }), let executable = json?["executable"]?.string else {
                return nil
            }
            self.init(pid: pid, executable: executable)
        }
    }

    public var id: String
    public var session: String
    public var server: String
    /// The tool; of what a server asks for, the method.
    public var tool: String
    /// What a server asks the client for: `sampling`, `elicitation` or `roots`; nil for a call.
    public var message: String?
    /// SHA-256 of the policy's canonical form, in hex.
    public var policy: String
    public var rule: String
    /// nil for the policy.
    public var layer: String?
    public var reason: String?
    /// The uid whose session it is.
    public var caller: UInt32
    public var client: Client?
    /// Seconds since 1970.
    public var asked: Int64
    public var expires: Int64
    /// Whether the call still waits for an answer; else a decision is for the next one like it.
    public var waits: Bool
    /// Who decides, as the policy writes it.
    public var by: [String]
    /// Whether whoever asked does.
    public var mayDecide: Bool

    public init(
        id: String, session: String, server: String, tool: String, message: String? = nil, policy: String, rule: String, layer: String?,
        reason: String?, caller: UInt32, client: Client?,
        asked: Int64, expires: Int64, waits: Bool, by: [String], mayDecide: Bool
    ) {
        self.id = id
        self.session = session
        self.server = server
        self.tool = tool
        self.message = message
        self.policy = policy
        self.rule = rule
        self.layer = layer
        self.reason = reason
        self.caller = caller
        self.client = client
        self.asked = asked
        self.expires = expires
        self.waits = waits
        self.by = by
        self.mayDecide = mayDecide
    }

    public var json: JSON {
        [
            "id": .string(id), "session": .string(session), "server": .string(server), "tool": .string(tool),
            "message": message.map(JSON.string) ?? .null, "policy": .string(policy), "rule": .string(rule),
            "layer": layer.map(JSON.string) ?? .null, "reason": reason.map(JSON.string) ?? .null, "caller": JSON(Int(caller)),
            "client": client?.json ?? .null,
            "asked": .number(JSONNumber(asked)),
            "expires": .number(JSONNumber(expires)), "waits": .bool(waits), "by": .array(by.map(JSON.string)),
            "mayDecide": .bool(mayDecide),
        ]
    }

    /// `nil` for what is none.
    public init?(_ json: JSON?) {
        guard let json, let id = json["id"]?.string, let session = json["session"]?.string, let server = json["server"]?.string,
            let tool = json["tool"]?.string, let policy = json["policy"]?.string, let rule = json["rule"]?.string,
            let caller = json["caller"]?.int64.flatMap({ UInt32(exactly: $0) }),
            let asked = json["asked"]?.int64, let expires = json["expires"]?.int64, let waits = json["waits"]?.bool,
            let by = json["by"]?.array,
            let mayDecide = json["mayDecide"]?.bool
        else { return nil }
        self.init(
            id: id, session: session, server: server, tool: tool, message: json["message"]?.string, policy: policy, rule: rule,
            layer: json["layer"]?.string, reason: json["reason"]?.string,
            caller: caller, client: Client(json["client"]), asked: asked, expires: expires, waits: waits, by: by.compactMap(\.string),
            mayDecide: mayDecide)
    }
}

/// What happened to a call that waits for a person.
public enum ApprovalEvent: String, Sendable, Hashable, CaseIterable {
    case held, granted, denied, expired, withdrawn
}
