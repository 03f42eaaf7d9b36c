public import KernelPlan
public import StrictJSON

/// What `Status` is answered with: which daemon it is, and what goes on there, as far as the peer may see it.
public struct DaemonStatus: Sendable, Hashable {
    public var custody: Custody
    public var process: Int32
    public var version: String
    /// Seconds since 1970.
    public var started: Int64
    public var starters: Starters
    /// By state; each of them is there.
    public var sessions: [SessionSummary.State: Int64]
    public var log: LogSummary
    public var store: StoreSummary
    /// Calls that wait for a person.
    public var waiting: Int64
    /// Seconds since 1970; nil where nothing waits.
    public var oldestWait: Int64?
    /// Open entries of the ledger of refusals; nil where it cannot be read.
    public var refusals: Int64?
    /// The latest first.
    public var denials: [DenialSummary]

    public init(
        custody: Custody, process: Int32, version: String, started: Int64, starters: Starters, sessions: [SessionSummary.State: Int64],
        log: LogSummary, store: StoreSummary, waiting: Int64, oldestWait: Int64?, refusals: Int64?, denials: [DenialSummary]
    ) {
        self.custody = custody
        self.process = process
        self.version = version
        self.started = started
        self.starters = starters
        self.sessions = sessions
        self.log = log
        self.store = store
        self.waiting = waiting
        self.oldestWait = oldestWait
        self.refusals = refusals
        self.denials = denials
    }

    public var parameters: JSONObject {
        let states = SessionSummary.State.allCases.map { ($0.rawValue, JSON.number(JSONNumber(sessions[$0] ?? 0))) }
        return [
            "custody": .string(custody.rawValue), "process": JSON(Int(process)), "version": .string(version),
            "started": .number(JSONNumber(started)), "starters": starters.json, "sessions": .object(JSONObject(states)), "log": log.json,
            "store": store.json,
            "waiting": .number(JSONNumber(waiting)), "oldestWait": oldestWait.map { .number(JSONNumber($0)) } ?? .null,
            "refusals": refusals.map { .number(JSONNumber($0)) } ?? .null, "denials": .array(denials.map(\.json)),
        ]
    }

    public func encode() -> ControlMessage { ControlMessage(parameters) }

    public init(_ reply: consuming ControlMessage) throws(ControlCallFailure) {
        let parameters = reply.parameters
        guard let custody = parameters["custody"]?.string.flatMap(Custody.init(rawValue:)),
            let process = parameters["process"]?.int64.flatMap({ Int32(exactly: $0) }), let version = parameters["version"]?.string,
            let started = parameters["started"]?.int64, let starters = Starters(parameters["starters"]),
            let log = parameters["log"].flatMap(LogSummary.init), let store = parameters["store"].flatMap(StoreSummary.init),
            let waiting = parameters["waiting"]?.int64,
            let list = parameters["denials"]?.array?.map({ DenialSummary($0) }), !list.contains(nil)
        else { throw .violation(.malformed) }
        var sessions: [SessionSummary.State: Int64] = [:]
        for state in SessionSummary.State.allCases {
            guard let count = parameters["sessions"]?[state.rawValue]?.int64 else { throw .violation(.malformed) }
            sessions[state] = count
        }
        self.init(
            custody: custody, process: process, version: version, started: started, starters: starters, sessions: sessions, log: log,
            store: store, waiting: waiting, oldestWait: parameters["oldestWait"]?.int64, refusals: parameters["refusals"]?.int64,
            denials: list.compactMap(\.self))
    }
}
