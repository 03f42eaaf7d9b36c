import KernelPlan
import Policy
import StrictJSON

extension FleetReport {
    /// Every policy on every host, and what upgrades would change.
    var json: JSON {
        [
            "hosts": .array(
                hosts.map { host in
                    [
                        "name": .string(host.name), "planned": host.planned.map(JSON.string) ?? .null, "profile": .string(host.host.name),
                        "kernel": .string(host.host.profile.kernel), "custody": .string(host.host.profile.custody.rawValue),
                    ]
                }),
            "policies": .array(policies.map(json)),
            "changes": .array(
                changes.map { change in
                    [
                        "host": .string(change.host.name), "planned": .string(change.host.planned ?? ""), "policy": .string(change.policy),
                        "before": Self.json(change.before), "after": Self.json(change.after),
                    ]
                }),
            "exact": .bool(isExact),
        ]
    }

    private func json(_ policy: CheckedPolicy) -> JSON {
        let outcomes = hosts.compactMap { host -> JSON? in
            guard let verdict = policy.verdict(on: host.host) else { return nil }
            return [
                "profile": .string(host.host.name), "outcome": .string(verdict.isExact ? "exact" : "refused"),
                "reasons": .array(verdict.reasons.map(\.worded)),
            ]
        }
        return ["file": .string(policy.file), "outcomes": .array(outcomes)]
    }

    private static func json(_ codes: [ReasonCode]) -> JSON {
        ["outcome": .string(codes.isEmpty ? "exact" : "refused"), "codes": .array(codes.map { .string($0.rawValue) })]
    }
}
