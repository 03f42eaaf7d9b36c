public import StrictJSON

/// What a message says of a task: a call that was answered with an id, and whose result is fetched under it. Part of MCP 2025-11-25, an
/// extension of it since 2026-07-28.
public struct TaskState: Sendable, Hashable {
    public enum Status: String, Sendable, Hashable, CaseIterable {
        case working
        case inputRequired = "input_required"
        case completed, failed, cancelled

        /// It stays so.
        public var isFinal: Bool {
            switch self {
            case .completed, .failed, .cancelled: true
            case .working, .inputRequired: false
            }
        }
    }

    /// Decoded bytes; the server's choice.
    public private(set) var id: [UInt8] = []
    public private(set) var status = Status.working
    /// What the state brings with it, in the modern era: what is asked for, the result, or the error.
    public private(set) var inputRequests: JSONNode?
    public private(set) var result: JSONNode?
    public private(set) var error: JSONNode?

    /// Bytes of an id; longer ones are refused, and so are empty ones.
    public static let longestID = 1_024

    /// Reads a task. `isDetailed`: with what its state brings with it, no more and no less. `besides`: other members that may be there;
    /// `_meta` may always. Nil where a member is missing, of another type, or none of a task's.
    public init?(_ node: JSONNode, _ era: Era, isDetailed: Bool = false, besides: [StaticString] = [], in tape: borrowing JSONTape) {
        guard tape.kind(of: node) == .object else { return nil }
        var found: Set<Member> = []
        var cursor = tape.firstChild(of: node)
        while let name = cursor {
            let value = tape.value(of: name)
            if let member = Member(name, era, in: tape) {
                guard take(member, value, tape) else { return nil }
                found.insert(member)
            } else if !tape.isString(name, "_meta"), !besides.contains(where: { tape.isString(name, $0) }) {
                return nil
            }
            cursor = tape.nextName(after: name)
        }
        guard found.isSuperset(of: [.id, .status, .created, .updated, .life]) else { return nil }
        guard found.intersection(Member.details) == (isDetailed ? Member.details(of: status) : []) else { return nil }
    }

    private enum Member: CaseIterable {
        case id, status, message, created, updated, life, interval, inputRequests, result, error

        static let details: Set<Member> = [.inputRequests, .result, .error]

        static func details(of status: Status) -> Set<Member> {
            switch status {
            case .working, .cancelled: []
            case .inputRequired: [.inputRequests]
            case .completed: [.result]
            case .failed: [.error]
            }
        }

        init?(_ name: JSONNode, _ era: Era, in tape: borrowing JSONTape) {
            guard let member = Self.allCases.first(where: { tape.isString(name, $0.name(era)) }) else { return nil }
            self = member
        }

        private func name(_ era: Era) -> StaticString {
            switch self {
            case .id: "taskId"
            case .status: "status"
            case .message: "statusMessage"
            case .created: "createdAt"
            case .updated: "lastUpdatedAt"
            case .life: era == .modern ? "ttlMs" : "ttl"
            case .interval: era == .modern ? "pollIntervalMs" : "pollInterval"
            case .inputRequests: "inputRequests"
            case .result: "result"
            case .error: "error"
            }
        }
    }

    private mutating func take(_ member: Member, _ value: JSONNode, _ tape: borrowing JSONTape) -> Bool {
        switch member {
        case .id:
            guard let id = Self.id(value, in: tape) else { return false }
            self.id = id
        case .status:
            guard let status = tape.string(value).flatMap(Status.init(rawValue:)) else { return false }
            self.status = status
        case .message, .created, .updated: return tape.kind(of: value) == .string
        case .life: return tape.kind(of: value) == .null || tape.int64(value) != nil
        case .interval: return tape.int64(value) != nil
        case .inputRequests: inputRequests = value
        case .result: result = value
        case .error: error = value
        }
        return [.inputRequests, .result, .error].contains(member) ? tape.kind(of: value) == .object : true
    }

    /// A task's id: a string, never converted from anything else.
    public static func id(_ node: JSONNode, in tape: borrowing JSONTape) -> [UInt8]? {
        guard let id = tape.stringBytes(node), (1...longestID).contains(id.count) else { return nil }
        return id
    }

    /// Whether this is what a client of 2025-11-25 adds to a call that it wants to have as a task: at most how long it is to be kept.
    public static func isWish(_ node: JSONNode, in tape: borrowing JSONTape) -> Bool {
        guard tape.kind(of: node) == .object else { return false }
        guard let life = tape.member("ttl", of: node) else { return tape.count(of: node) == 0 }
        return tape.count(of: node) == 1 && (tape.int64(life) ?? -1) >= 0
    }

    // MARK: Names

    /// The extension of 2026-07-28.
    public static let extensionName: StaticString = "io.modelcontextprotocol/tasks"
    /// The member of `_meta` by which a message says to which task it belongs, in 2025-11-25.
    public static let relation: StaticString = "io.modelcontextprotocol/related-task"

    /// Whether capabilities of a modern request say that it may be answered with a task.
    public static func isDeclared(_ capabilities: JSONNode?, in tape: borrowing JSONTape) -> Bool {
        capabilities.flatMap { tape.member("extensions", of: $0) }.flatMap { tape.member(extensionName, of: $0) }
            .map { tape.kind(of: $0) == .object } ?? false
    }
}
