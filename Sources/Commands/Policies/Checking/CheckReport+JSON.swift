import Policy
import StrictJSON

extension CheckReport {
    /// One entry for each policy and host; `host` is null where the policy is refused whatever the host, and for layers, which
    /// alone can only be read.
    var json: JSON {
        let entries = policies.flatMap { policy in policy.verdicts.map { Self.json(policy, $0) } }
        return ["policies": .array(entries), "skipped": .array(skipped.map { ["file": .string($0.file), "why": .string($0.why)] })]
    }

    private static func json(_ policy: CheckedPolicy, _ verdict: PolicyVerdict) -> JSON {
        [
            "file": .string(policy.file), "host": verdict.host.map { .string($0.name) } ?? .null,
            "outcome": .string(verdict.isExact ? (policy.layer == nil ? "exact" : "read") : "refused"),
            "layers": .array(policy.layers.map { .string($0) }), "reasons": .array(verdict.reasons.map(\.worded)),
            "notes": .array(verdict.notes.map(JSON.string)), "refusal": policy.ledger?.entry.map(JSON.string) ?? .null,
        ]
    }
}

extension Reason {
    /// A reason with its sentences.
    var worded: JSON {
        let words = ReasonWords(self)
        return [
            "code": .string(code.rawValue), "line": location.map { JSON($0.line) } ?? .null,
            "column": location.map { JSON($0.column) } ?? .null, "length": location.map { JSON($0.length) } ?? .null,
            "message": .string(words.message), "help": words.help.map { .string($0) } ?? .null,
            "why": words.why.map { .string($0) } ?? .null,
            "file": location.map { .string($0.file) } ?? .null,
        ]
    }
}
