import KernelPlan
import Policy
import StrictJSON

/// `plan --diff`: two policies on one host, or one policy on two.
struct PlanComparison {
    /// One of the two.
    struct Side {
        let policy: String
        let host: HostChoice.Host
        let outcome: Result<CompiledPolicy, CompiledPolicy.Failure>

        /// Policy and host on one line.
        var label: String { "\(Escaping.line(policy)) on \(host.isAsked ? "this host" : Escaping.line(host.name)) (\(host.origin))" }

        var isRefused: Bool { if case .failure = outcome { true } else { false } }
    }

    let first: Side
    let second: Side

    static func run(_ invocation: Invocation, _ console: Console) -> ExitStatus {
        do throws(CompiledPolicy.Failure) {
            LayerChoice(invocation).warn(console)
            return try PlanComparison(invocation).write(invocation.has("json"), console)
        } catch {
            return error.report(console)
        }
    }

    private init(_ invocation: Invocation) throws(CompiledPolicy.Failure) {
        let policies = invocation.arguments
        guard [policies.count, max(1, invocation.values("host").count)].sorted() == [1, 2] else { throw .other(.usage(.badComparison)) }
        let inputs = try CompiledPolicy.inputs(invocation)
        var choice = try CompiledPolicy.hosts(invocation)
        let layers = LayerChoice(invocation)
        let hosts: [HostChoice.Host]
        do { hosts = try choice.hosts() } catch { throw .other(.host(error)) }
        first = Self.side(policies[0], hosts[0], inputs, layers)
        second = Self.side(policies[policies.count - 1], hosts[hosts.count - 1], inputs, layers)
    }

    private static func side(
        _ policy: String, _ host: HostChoice.Host, _ inputs: [String: String], _ layers: LayerChoice
    ) -> Side {
        let outcome = Result { () throws(CompiledPolicy.Failure) in
            try CompiledPolicy(policy, inputs: inputs, layers: layers) { () throws(CompiledPolicy.Failure) in host }
        }
        return Side(policy: policy, host: host, outcome: outcome)
    }

    private func write(_ isJSON: Bool, _ console: Console) -> ExitStatus {
        guard case .success(let old) = first.outcome, case .success(let new) = second.outcome else { return refuse(isJSON, console) }
        let changes = PolicyDifference(from: old.resolved, to: new.resolved).changes
        let held = PlanTextDifference(from: old.plan.text, to: new.plan.text)
        console.write(isJSON ? line(json(changes, held)) : Array(text(changes, held, console.outputStyle).utf8))
        return .success
    }

    private func line(_ json: JSON) -> [UInt8] { json.encoded() + [UInt8(ascii: "\n")] }

    /// What is refused has no plan, and starts nothing: there is nothing to compare.
    private func refuse(_ isJSON: Bool, _ console: Console) -> ExitStatus {
        for side in [first, second] {
            guard case .failure(let failure) = side.outcome else { continue }
            console.warn("\(side.label): refused\n\n")
            _ = failure.report(console)
        }
        if isJSON { console.write(line(["from": first.json, "to": second.json])) } else { console.write(refusalWords + "\n") }
        return .refused
    }

    private var refusalWords: String {
        switch (first.isRefused, second.isRefused) {
        case (true, true): "both are refused: neither starts, and there is nothing to compare"
        case (true, false): "the first is refused and permits nothing here; the second is exact: see `sandboxctl explain`"
        case (false, _): "the second is refused and permits nothing here; the first is exact"
        }
    }

    private func text(_ changes: [PolicyChange], _ held: PlanTextDifference, _ style: Style) -> String {
        var lines = ["from     \(first.label)", "to       \(second.label)", "", style(.strong, "what is permitted")]
        lines += changes.isEmpty ? ["  permits the same"] : PolicyChangeText.lines(changes).map { "  " + $0.text }
        lines += ["", style(.strong, "how it is held")]
        lines += held.isEmpty ? ["  in the same way"] : held.lines.map { "  " + $0 }
        return lines.map { $0 + "\n" }.joined()
    }

    private func json(_ changes: [PolicyChange], _ held: PlanTextDifference) -> JSON {
        [
            "from": first.json, "to": second.json, "same": .bool(changes.isEmpty),
            "changes": .array(PolicyChangeText.lines(changes).map(\.json)),
            "held": ["removed": .array(held.removed.map(JSON.string)), "added": .array(held.added.map(JSON.string))],
        ]
    }
}

extension PlanComparison.Side {
    fileprivate var json: JSON {
        ["policy": .string(policy), "host": .string(host.name), "outcome": .string(isRefused ? "refused" : "exact")]
    }
}

extension CompiledPolicy {
    var resolved: ResolvedPolicy { ResolvedPolicy(local.policy, launching: local.launch) }
}
