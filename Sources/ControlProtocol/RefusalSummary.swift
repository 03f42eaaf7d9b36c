public import StrictJSON

/// What the ledger of refusals has of one policy of one caller, but for what it was refused for.
public struct RefusalSummary: Sendable, Hashable {
    public enum State: String, Sendable, Hashable, CaseIterable {
        case open
        /// Somebody has looked. It permits nothing.
        case closed
        /// A policy of this name was exact since.
        case resolved
    }

    public var id: String
    /// The uid for whom it was refused.
    public var caller: UInt32
    public var policy: String
    /// Of the host that it was refused on, where several share the ledger.
    public var hostname: String?
    public var state: State
    /// Of what was found last.
    public var codes: [String]
    public var times: Int64
    /// Seconds since 1970.
    public var firstSeen: Int64
    public var lastSeen: Int64

    public init(
        id: String, caller: UInt32, policy: String, hostname: String? = nil, state: State, codes: [String], times: Int64, firstSeen: Int64,
        lastSeen: Int64
    ) {
        self.id = id
        self.caller = caller
        self.policy = policy
        self.hostname = hostname
        self.state = state
        self.codes = codes
        self.times = times
        self.firstSeen = firstSeen
        self.lastSeen = lastSeen
    }

    public var json: JSON {
        [
            "id": .string(id), "caller": JSON(Int(caller)), "policy": .string(policy),
            "hostname": hostname.map(JSON.string) ?? .null, "state": .string(state.rawValue),
            "codes": .array(codes.map(JSON.string)), "times": .number(JSONNumber(times)), "firstSeen": .number(JSONNumber(firstSeen)),
            "lastSeen": .number(JSONNumber(lastSeen)),
        ]
    }

    /// `nil` for what is none.
    public init?(_ json: JSON?) {
        guard let json, let id = json["id"]?.string, let caller = json["caller"]?.int64.flatMap({ UInt32(exactly: $0) }),
            let policy = json["policy"]?.string, let state = json["state"]?.string.flatMap(State.init(rawValue:)),
            let codes = json["codes"]?.array, let times = json["times"]?.int64, let firstSeen = json["firstSeen"]?.int64,
            let lastSeen = json["lastSeen"]?.int64
        else { return nil }
        self.init(
            id: id, caller: caller, policy: policy, hostname: json["hostname"]?.string, state: state, codes: codes.compactMap(\.string),
            times: times, firstSeen: firstSeen, lastSeen: lastSeen)
    }
}
