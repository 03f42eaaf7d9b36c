import KernelPlan
import StrictJSON

/// What people are told of a session, and nothing is decided by: kept for the next daemon, too.
struct SessionOutline: Sendable, Hashable {
    /// Seconds since 1970: when it was asked for.
    var since: Int64
    /// As its author calls it; nil until it is read.
    var policyName: String?
    /// The server's; nil until there is a plan.
    var uid: UInt32?
    /// What of the kernel holds it.
    var mechanisms: [Mechanism] = []

    init(since: Int64) { self.since = since }

    /// All that its clauses are held by, in the order of `Mechanism`. A domain of Landlock and a filter every session has.
    static func mechanisms(of plan: KernelPlan) -> [Mechanism] {
        var holding = Set(plan.choices.flatMap(\.mechanisms)).union([.landlockFiles, .seccomp])
        if plan.landlock.connectPorts != nil { holding.insert(.landlockTCP) }
        if plan.mounts != nil { holding.insert(.mountNamespace) }
        if plan.hasEmptyNetwork { holding.insert(.networkNamespace) }
        for controller in plan.limits.controllers { holding.insert(controller.mechanism) }
        return Mechanism.allCases.filter(holding.contains)
    }

    var json: JSON {
        [
            "since": .number(JSONNumber(since)), "policyName": policyName.map(JSON.string) ?? .null,
            "uid": uid.map { JSON(Int($0)) } ?? .null, "mechanisms": .array(mechanisms.map { .string($0.rawValue) }),
        ]
    }

    /// `nil` for what is none; a mechanism of another version is left out.
    init?(_ json: JSON?) {
        guard let json, let since = json["since"]?.int64 else { return nil }
        self.since = since
        policyName = json["policyName"]?.string
        uid = json["uid"]?.int64.flatMap { UInt32(exactly: $0) }
        mechanisms = (json["mechanisms"]?.array ?? []).compactMap { $0.string.flatMap(Mechanism.init(rawValue:)) }
    }
}
