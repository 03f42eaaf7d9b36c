import Descriptors
import Glibc
import Kernel
import KernelPlan
import Policy

/// What one case, or many, came to.
package struct Comparison: Sendable {
    var policies = 0
    package var operations = 0
    var permitted = 0
    /// Attempts that fail without any confinement, too; by act.
    var untestable: [String: Int] = [:]
    var refused = 0
    package var differences: [String] = []

    package var untestableCount: Int { untestable.values.reduce(0, +) }

    static func += (sum: inout Comparison, other: Comparison) {
        sum.policies += other.policies
        sum.operations += other.operations
        sum.permitted += other.permitted
        sum.untestable.merge(other.untestable, uniquingKeysWith: +)
        sum.refused += other.refused
        sum.differences += other.differences
    }

    package var text: String {
        let acts = untestable.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        return "\(policies) policies, \(operations) operations, \(permitted) of them permitted, \(untestableCount) untestable (\(acts)); "
            + "\(refused) policies were refused; \(differences.count) differences"
    }
}

extension Case {
    /// Performs every attempt inside `applied` (the case's own plan, unless a test breaks it on purpose) and outside of any confinement,
    /// and compares what took effect with what policy and plan mean.
    func compare(on stage: Stage, applying applied: KernelPlan? = nil) throws -> Comparison {
        let identity = plan.identity
        let confinement = try Confinement(applied ?? plan, on: stage) { rule throws(Errno) in try descriptors.descriptor(of: rule) }
        let inside = Run(on: stage, attempts, owner: identity.uid, outsider: confinement.outsider, firstSignal: 34)
        let confined = try inside.perform(by: confinement.performer)
        let outside = Run(
            on: stage, attempts, owner: identity.uid, outsider: confinement.outsider, firstSignal: 34 + Attempt.signalsPerRun)
        let free = try outside.perform(by: try Performer.unconfined(on: stage, as: identity))
        return judged(confined, free)
    }

    /// SANDBOXD_KERNEL_SHOW names every attempt that could not be tried.
    private var isShowing: Bool { getenv("SANDBOXD_KERNEL_SHOW") != nil }

    private func judged(_ confined: [Run.Outcome], _ free: [Run.Outcome]) -> Comparison {
        let meant = PolicyMeaning(policy, launching: launch)
        let planned = PlanMeaning(plan)
        var result = Comparison(policies: 1, operations: attempts.count)
        for (index, attempt) in attempts.enumerated() {
            let isMeant = attempt.takes.allSatisfy(meant.permits)
            let isPlanned = attempt.takes.allSatisfy(planned.permits)
            if isMeant { result.permitted += 1 }
            if isMeant != isPlanned {
                result.differences.append(difference(index, "the policy says \(isMeant), the plan \(isPlanned)"))
            } else if confined[index].isEffective, !isMeant {
                result.differences.append(difference(index, "confined it \(confined[index].text); the policy denies it"))
            } else if !free[index].isEffective {
                result.untestable[attempt.act, default: 0] += 1
                if isShowing { print("untestable: \(attempt.act) \(attempt.words.joined(separator: " ")): \(free[index].text)") }
            } else if confined[index].isEffective != isMeant {
                let seen = "confined it \(confined[index].text); unconfined it \(free[index].text); the policy permits it"
                result.differences.append(difference(index, seen))
            }
        }
        return result
    }

    private func difference(_ index: Int, _ what: String) -> String {
        let attempt = attempts[index]
        return """
            seed \(seed), case \(self.index), attempt \(index): \(attempt.act) \(attempt.words.joined(separator: " "))
            takes \(attempt.takes)
            \(what)
            repeat it: SANDBOXD_KERNEL_SEED=\(seed) SANDBOXD_KERNEL_CASE=\(self.index)
            \(policy.summary)
            \(plan.text)
            """
    }
}

extension Policy {
    /// The clauses that a case draws.
    fileprivate var summary: String {
        let tcp: String =
            switch clauses.egress.tcp.orNone {
            case .none: "none"
            case .any: "any"
            case .endpoints(let list): list.map(\.value.description).joined(separator: " ")
            }
        let executed: String =
            switch clauses.files.executable {
            case .none: "none"
            case .paths(let paths): paths.map(\.path).joined(separator: " ")
            }
        return """
            tcp \(tcp)
            read \(clauses.files.readable.map(\.path).joined(separator: " "))
            write \(clauses.files.writable.map(\.path).joined(separator: " "))
            execute \(executed)
            spawn \(clauses.processes.spawning) user \(clauses.server.user.map { "\($0.value)" } ?? "-")
            """
    }
}

extension Performer {
    /// The control: the same program as the same user, in the same namespaces, held by nothing.
    static func unconfined(on stage: Stage, as identity: LaunchSpecification.Identity) throws -> Performer {
        let performer = try Performer()
        let specification = LaunchSpecification(
            path: Array(stage.program.utf8), arguments: [Array("acts".utf8)], environment: [], identity: identity, waitsForGo: false,
            openFiles: LaunchSpecification.serverOpenFiles)
        performer.process = try StartedProcess.start(specification, .init(inherited: performer.itsEnds))
        performer.closeItsEnds()
        return performer
    }
}
