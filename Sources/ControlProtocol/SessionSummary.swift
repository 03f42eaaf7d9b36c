public import KernelPlan
public import StrictJSON

/// A session that is not over.
public struct SessionSummary: Sendable, Hashable {
    public enum State: String, Sendable, Hashable, CaseIterable {
        /// Its server does not run yet.
        case starting
        case running
        case ending
    }

    public var id: String
    /// The server's name.
    public var server: String
    /// The uid it runs for.
    public var caller: UInt32
    /// The process that asked for it, as it was seen then.
    public var client: ApprovalSummary.Client?
    public var state: State
    /// When it was asked for: seconds since 1970.
    public var since: Int64
    public var decisions: DecisionCounts
    /// Calls that wait for a person.
    public var waiting: Int64
    /// Acts that the kernel denied.
    public var denials: Int64

    public init(
        id: String, server: String, caller: UInt32, client: ApprovalSummary.Client?, state: State, since: Int64,
        decisions: DecisionCounts = DecisionCounts(), waiting: Int64 = 0, denials: Int64 = 0
    ) {
        self.id = id
        self.server = server
        self.caller = caller
        self.client = client
        self.state = state
        self.since = since
        self.decisions = decisions
        self.waiting = waiting
        self.denials = denials
    }

    public var json: JSON {
        [
            "id": .string(id), "server": .string(server), "caller": JSON(Int(caller)), "client": client?.json ?? .null,
            "state": .string(state.rawValue), "since": .number(JSONNumber(since)), "decisions": decisions.json,
            "waiting": .number(JSONNumber(waiting)), "denials": .number(JSONNumber(denials)),
        ]
    }

    /// `nil` for what is none.
    public init?(_ json: JSON?) {
        guard let json, let id = json["id"]?.string, let server = json["server"]?.string,
            let caller = json["caller"]?.int64.flatMap({ UInt32(exactly: $0) }),
            let state = json["state"]?.string.flatMap(State.init), let since = json["since"]?.int64,
            let decisions = DecisionCounts(json["decisions"]), let waiting = json["waiting"]?.int64, let denials = json["denials"]?.int64
        else { return nil }
        self.init(
            id: id, server: server, caller: caller, client: ApprovalSummary.Client(json["client"]), state: state, since: since,
            decisions: decisions, waiting: waiting, denials: denials)
    }
}

/// What `ListSessions` is answered with: sessions, and who keeps them.
public struct SessionList: Sendable, Hashable {
    public var sessions: [SessionSummary]
    /// So many more there are.
    public var omitted: Int
    public var custody: Custody
    /// Of the daemon.
    public var process: Int32

    /// As many as a message takes.
    public init(_ all: [SessionSummary], custody: Custody, process: Int32) {
        sessions = []
        omitted = 0
        self.custody = custody
        self.process = process
        var bytes = 0
        for session in all {
            bytes += session.json.encoded().count + 1
            if bytes < ControlLimits.messageBytes - 1_024 { sessions.append(session) } else { omitted += 1 }
        }
    }

    public func encode() -> ControlMessage {
        ControlMessage(
            JSONObject([
                ("sessions", .array(sessions.map(\.json))), ("omitted", JSON(omitted)), ("custody", .string(custody.rawValue)),
                ("process", JSON(Int(process))),
            ]))
    }

    public init(_ reply: consuming ControlMessage) throws(ControlCallFailure) {
        let parameters = reply.parameters
        guard let list = parameters["sessions"]?.array, let omitted = parameters["omitted"]?.int64,
            let custody = parameters["custody"]?.string.flatMap(Custody.init(rawValue:)),
            let process = parameters["process"]?.int64.flatMap({ Int32(exactly: $0) })
        else { throw .violation(.malformed) }
        sessions = list.compactMap { SessionSummary($0) }
        guard sessions.count == list.count else { throw .violation(.malformed) }
        self.omitted = Int(omitted)
        self.custody = custody
        self.process = process
    }
}
