public import StrictJSON

/// What is known of a session besides its summary.
public struct SessionDetails: Sendable, Hashable {
    /// As its author calls it; nil in a session of an earlier version's daemon.
    public var policyName: String?
    /// Digests in hex of documents that the log keeps.
    public var policy: String?
    public var plan: String?
    public var host: String?
    /// The server's uid, once there is a plan.
    public var uid: UInt32?
    /// By the code of the reason.
    public var blocks: [String: Int64]
    /// Acts that the kernel denied, by what denied them.
    public var kernel: [String: Int64]
    /// What more it denied and had no room to tell; nil where nothing counts them.
    public var lost: Int64?
    /// Of calls that wait for a person.
    public var approvals: [String]
    /// Those per day that its rules charge, as far as anything is spent; nil where what is kept cannot be read.
    public var budgets: [BudgetSummary]?
    /// What of the kernel holds it, as host profiles call it.
    public var mechanisms: [String]
    /// An earlier daemon started it.
    public var isAdopted: Bool

    public init(
        policyName: String?, policy: String?, plan: String?, host: String?, uid: UInt32?, blocks: [String: Int64], kernel: [String: Int64],
        lost: Int64?, approvals: [String], budgets: [BudgetSummary]?, mechanisms: [String], isAdopted: Bool
    ) {
        self.policyName = policyName
        self.policy = policy
        self.plan = plan
        self.host = host
        self.uid = uid
        self.blocks = blocks
        self.kernel = kernel
        self.lost = lost
        self.approvals = approvals
        self.budgets = budgets
        self.mechanisms = mechanisms
        self.isAdopted = isAdopted
    }

    public var json: JSON {
        let text = { (value: String?) -> JSON in value.map(JSON.string) ?? .null }
        return [
            "policyName": text(policyName), "policy": text(policy), "plan": text(plan), "host": text(host),
            "uid": uid.map { JSON(Int($0)) } ?? .null, "blocks": Self.json(blocks), "kernel": Self.json(kernel),
            "lost": lost.map { .number(JSONNumber($0)) } ?? .null, "approvals": .array(approvals.map(JSON.string)),
            "budgets": budgets.map { .array($0.map(\.json)) } ?? .null, "mechanisms": .array(mechanisms.map(JSON.string)),
            "adopted": .bool(isAdopted),
        ]
    }

    private static func json(_ counts: [String: Int64]) -> JSON {
        let sorted = counts.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        return .object(JSONObject(sorted.map { ($0.key, .number(JSONNumber($0.value))) }))
    }

    /// `nil` for what is none.
    public init?(_ json: JSON?) {
        guard let json, let blocks = Self.counts(json["blocks"]), let kernel = Self.counts(json["kernel"]),
            let approvals = json["approvals"]?.array?.map(\.string), let mechanisms = json["mechanisms"]?.array?.map(\.string),
            let isAdopted = json["adopted"]?.bool
        else { return nil }
        let budgets = json["budgets"]?.array?.map(BudgetSummary.init)
        guard !approvals.contains(nil), !mechanisms.contains(nil), budgets?.contains(nil) != true else { return nil }
        self.init(
            policyName: json["policyName"]?.string, policy: json["policy"]?.string, plan: json["plan"]?.string, host: json["host"]?.string,
            uid: json["uid"]?.int64.flatMap { UInt32(exactly: $0) }, blocks: blocks, kernel: kernel, lost: json["lost"]?.int64,
            approvals: approvals.compactMap(\.self), budgets: budgets?.compactMap(\.self), mechanisms: mechanisms.compactMap(\.self),
            isAdopted: isAdopted)
    }

    private static func counts(_ json: JSON?) -> [String: Int64]? {
        guard let members = json?.object?.members else { return nil }
        var counts: [String: Int64] = [:]
        for member in members {
            guard let count = member.value.int64 else { return nil }
            counts[member.name] = count
        }
        return counts
    }
}
