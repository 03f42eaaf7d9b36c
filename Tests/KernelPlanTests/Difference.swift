import KernelPlan
import Policy

/// The first operation on which a policy and a plan disagree.
struct Difference: CustomStringConvertible, Equatable {
    var operation: String
    var policy: Bool
    var plan: Bool

    var description: String { "\(operation): the policy says \(Self.word(policy)), the plan \(Self.word(plan))" }

    private static func word(_ permitted: Bool) -> String { permitted ? "permitted" : "denied" }
}

/// What a policy says of operations, to be held against plans.
struct Comparison {
    private let limits: ResourceLimits
    private let meant: [(operation: Samples.Act, isPermitted: Bool)]

    init(_ subject: Case, _ operations: [Samples.Act]) {
        let meaning = PolicyMeaning(subject.policy, launching: subject.launch)
        limits = meaning.limits
        meant = operations.map { ($0, meaning.permits($0)) }
    }

    /// `nil` where both permit the same of these, and the same amounts.
    func difference(of plan: KernelPlan) -> Difference? {
        let done = PlanMeaning(plan)
        if limits != done.limits { return Difference(operation: "limits \(limits)", policy: true, plan: false) }
        for (operation, isPermitted) in meant {
            let passes = done.permits(operation)
            if passes != isPermitted { return Difference(operation: "\(operation)", policy: isPermitted, plan: passes) }
        }
        return nil
    }
}

extension Difference {
    static func first(_ subject: Case, _ plan: KernelPlan, _ operations: [Samples.Act]) -> Difference? {
        Comparison(subject, operations).difference(of: plan)
    }
}
