public import StrictJSON

/// What is kept of one thing that a server said something of, but for what it said.
public struct PinSummary: Sendable, Hashable {
    public enum State: String, Sendable, Hashable {
        case accepted
        /// It changed, and nobody has looked.
        case drifted
        /// Nothing was ever accepted, and nobody has looked.
        case unreviewed
        /// Somebody has looked, and what was told last is not wanted.
        case rejected
    }

    public var id: String
    /// The uid whose sessions it concerns.
    public var caller: UInt32
    public var policy: String
    public var server: String
    public var kind: String
    public var name: String
    public var state: State
    /// Seconds since 1970.
    public var accepted: Int64?
    /// Who accepted it; nil where it was the first that was seen.
    public var by: Int64?
    public var told: Int64?

    public init(
        id: String, caller: UInt32, policy: String, server: String, kind: String, name: String, state: State, accepted: Int64?, by: Int64?,
        told: Int64?
    ) {
        self.id = id
        self.caller = caller
        self.policy = policy
        self.server = server
        self.kind = kind
        self.name = name
        self.state = state
        self.accepted = accepted
        self.by = by
        self.told = told
    }

    public var json: JSON {
        let number = { (value: Int64?) -> JSON in value.map { .number(JSONNumber($0)) } ?? .null }
        return [
            "id": .string(id), "caller": JSON(Int(caller)), "policy": .string(policy), "server": .string(server), "kind": .string(kind),
            "name": .string(name), "state": .string(state.rawValue), "accepted": number(accepted), "by": number(by), "told": number(told),
        ]
    }

    /// `nil` for what is none.
    public init?(_ json: JSON?) {
        guard let json, let id = json["id"]?.string, let caller = json["caller"]?.int64.flatMap({ UInt32(exactly: $0) }),
            let policy = json["policy"]?.string, let server = json["server"]?.string, let kind = json["kind"]?.string,
            let name = json["name"]?.string, let state = json["state"]?.string.flatMap(State.init(rawValue:))
        else { return nil }
        self.init(
            id: id, caller: caller, policy: policy, server: server, kind: kind, name: name, state: state, accepted: json["accepted"]?.int64,
            by: json["by"]?.int64, told: json["told"]?.int64)
    }
}
