import Descriptors
public import StrictJSON

/// What a reload is asked for.
public struct ReloadParameters: Sendable, Hashable {
    /// Nothing is applied: only said what would be.
    public var isDry: Bool

    public init(isDry: Bool) { self.isDry = isDry }

    public init(_ call: borrowing ControlCall) throws(ControlError) {
        var reader = ParameterReader(call.parameters, descriptors: DescriptorList())
        isDry = try reader.bool("dry")
        try reader.finish()
    }

    public func encode() -> ControlMessage { ControlMessage(JSONObject([("dry", .bool(isDry))])) }
}

/// What came of a reload, or would.
public struct ReloadReport: Sendable, Hashable {
    /// One session that was looked at.
    public struct Session: Sendable, Hashable {
        public enum Outcome: String, Sendable, Hashable, CaseIterable {
            /// Nothing that it is held by permits less.
            case unchanged
            /// It is held to less from here on, and goes on.
            case tightened
            /// Nothing new is let through, and it is ended after a while.
            case draining
            /// Something failed, and it was ended at once.
            case ended
        }

        public var id: String
        public var server: String
        public var outcome: Outcome
        /// What it is held to less of; `tools` and `messages` where another document decides besides.
        public var tightened: [String]
        /// Why it cannot go on.
        public var why: [String]

        public init(id: String, server: String, outcome: Outcome, tightened: [String] = [], why: [String] = []) {
            self.id = id
            self.server = server
            self.outcome = outcome
            self.tightened = tightened
            self.why = why
        }

        public var json: JSON {
            [
                "id": .string(id), "server": .string(server), "outcome": .string(outcome.rawValue),
                "tightened": .array(tightened.map(JSON.string)), "why": .array(why.map(JSON.string)),
            ]
        }

        public init?(_ json: JSON) {
            guard let id = json["id"]?.string, let server = json["server"]?.string,
                let outcome = json["outcome"]?.string.flatMap(Outcome.init), let tightened = json["tightened"]?.array,
                let why = json["why"]?.array
            else { return nil }
            self.init(
                id: id, server: server, outcome: outcome, tightened: tightened.compactMap(\.string), why: why.compactMap(\.string))
        }
    }

    /// Documents that were read, by name or path, with their SHA-256 in hex.
    public var documents: [String]
    public var isDry: Bool
    /// Seconds that sessions have that are to end.
    public var drain: Int
    public var sessions: [Session]
    /// So many more there are, of which nothing changes.
    public var omitted: Int

    /// As many sessions as a message takes, those first of which something changes.
    public init(documents: [String], isDry: Bool, drain: Int, sessions all: [Session]) {
        self.documents = documents
        self.isDry = isDry
        self.drain = drain
        sessions = []
        omitted = 0
        var bytes = documents.reduce(1_024) { $0 + $1.utf8.count + 4 }
        for session in all.filter({ $0.outcome != .unchanged }) + all.filter({ $0.outcome == .unchanged }) {
            bytes += session.json.encoded().count + 1
            if bytes < ControlLimits.messageBytes { sessions.append(session) } else { omitted += 1 }
        }
    }

    public var json: JSONObject {
        JSONObject([
            ("documents", .array(documents.map(JSON.string))), ("dry", .bool(isDry)), ("drain", JSON(drain)),
            ("sessions", .array(sessions.map(\.json))), ("omitted", JSON(omitted)),
        ])
    }

    public func encode() -> ControlMessage { ControlMessage(json) }

    public init?(_ parameters: JSONObject) {
        guard let documents = parameters["documents"]?.array, let isDry = parameters["dry"]?.bool, let drain = parameters["drain"]?.int64,
            let list = parameters["sessions"]?.array, let omitted = parameters["omitted"]?.int64
        else { return nil }
        self.documents = documents.compactMap(\.string)
        self.isDry = isDry
        self.drain = Int(drain)
        sessions = list.compactMap(Session.init)
        self.omitted = Int(omitted)
        guard sessions.count == list.count, self.documents.count == documents.count else { return nil }
    }
}
