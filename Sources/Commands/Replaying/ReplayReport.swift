import StrictJSON

/// What a policy changes of what a log tells. Bounded: beyond a number of differences the rest is counted.
struct ReplayReport: Sendable {
    /// So many differences are told one by one, and so many kinds of calls that cannot be judged.
    static let limit = 10_000

    /// Calls that cannot be judged, of one kind.
    struct Unjudged: Sendable, Hashable {
        let tool: String
        let why: String
        let rules: [ReplayedCall.NamedRule]
    }

    let policy: String
    let receipts: String
    var calls: UInt64 = 0
    var sessions = 0
    var same: UInt64 = 0
    private(set) var differences: [ReplayedCall] = []
    var different: UInt64 = 0
    private(set) var unjudged: [Unjudged: UInt64] = [:]
    /// Of kinds that are not told any more.
    private(set) var moreUnjudged: UInt64 = 0
    /// Calls that no rules decided, by the code of the reason.
    private(set) var notByRules: [String: UInt64] = [:]
    /// Other messages that were decided.
    var others: UInt64 = 0
    /// Lines that are no receipts.
    var foreign: UInt64 = 0

    init(policy: String, receipts: String) {
        self.policy = policy
        self.receipts = receipts
    }

    mutating func add(_ replayed: ReplayedCall) {
        calls += 1
        switch replayed.verdict {
        case .same: same += 1
        case .different:
            different += 1
            if differences.count < Self.limit { differences.append(replayed) }
        case .open: addUnjudged(replayed)
        case .notByRules(let reason): notByRules[reason, default: 0] += 1
        }
    }

    private mutating func addUnjudged(_ replayed: ReplayedCall) {
        guard case .unknown(let why) = replayed.call.arguments else { return }
        let kind = Unjudged(tool: replayed.call.tool, why: why.rawValue, rules: replayed.rules)
        if unjudged[kind] == nil, unjudged.count >= Self.limit { moreUnjudged += 1 } else { unjudged[kind, default: 0] += 1 }
    }

    var unjudgedCalls: UInt64 { unjudged.values.reduce(moreUnjudged, +) }

    /// In the order in which they are told.
    var sortedUnjudged: [(kind: Unjudged, count: UInt64)] {
        unjudged.map { ($0.key, $0.value) }.sorted { ($1.1, $0.0.tool, $0.0.why) < ($0.1, $1.0.tool, $1.0.why) }
    }

    var status: ExitStatus { different == 0 && foreign == 0 ? .success : .finding }
}
