public import StrictJSON

/// What was denied in a session.
public struct DenialSummary: Sendable, Hashable {
    public enum Denier: String, Sendable, Hashable, CaseIterable {
        case gate, kernel
    }

    /// Seconds since 1970.
    public var time: Int64
    public var session: String
    public var server: String
    public var by: Denier
    /// The tool, the method, or the act.
    public var what: String
    /// The code of the gate's reason.
    public var reason: String?
    public var rule: String?

    public init(time: Int64, session: String, server: String, by: Denier, what: String, reason: String?, rule: String?) {
        self.time = time
        self.session = session
        self.server = server
        self.by = by
        self.what = what
        self.reason = reason
        self.rule = rule
    }

    public var json: JSON {
        [
            "time": .number(JSONNumber(time)), "session": .string(session), "server": .string(server), "by": .string(by.rawValue),
            "what": .string(what), "reason": reason.map(JSON.string) ?? .null, "rule": rule.map(JSON.string) ?? .null,
        ]
    }

    /// `nil` for what is none.
    public init?(_ json: JSON?) {
        guard let json, let time = json["time"]?.int64, let session = json["session"]?.string, let server = json["server"]?.string,
            let by = json["by"]?.string.flatMap(Denier.init(rawValue:)), let what = json["what"]?.string
        else { return nil }
        self.init(
            time: time, session: session, server: server, by: by, what: what, reason: json["reason"]?.string, rule: json["rule"]?.string)
    }
}
