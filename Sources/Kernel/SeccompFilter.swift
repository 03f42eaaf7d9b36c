import CKernel
public import Descriptors
public import KernelPlan

/// A filter program in a sealed memfd.
public enum SeccompFilter {
    /// Makes it from the plan with libseccomp. A name that it does not know fails the launch: nothing is skipped.
    public static func make(_ plan: SeccompPlan) throws(LaunchFailure) -> OwnedDescriptor {
        var failure: Int32 = 0
        guard let filter = ck_seccomp_create(CK_ALLOW, 0, &failure) else { throw LaunchFailure(.makeFilter, Errno(code: -failure)) }
        defer { ck_seccomp_free(filter) }
        for rule in plan.groups.flatMap(\.rules) {
            try LaunchStep.makeFilter.run(rule.syscall.name) { () throws(Errno) in try check(add(rule, to: filter)) }
        }
        return try LaunchStep.makeFilter.run { () throws(Errno) in try descriptor(ck_seccomp_export(filter)) }
    }

    private static func add(_ rule: SeccompRule, to filter: OpaquePointer) -> Int32 {
        let comparisons = rule.conditions.map(\.comparison)
        let count = UInt32(comparisons.count)
        let (action, number) = rule.action.answer
        switch rule.syscall {
        case .named(let name): return ck_seccomp_add(filter, name, action, number, comparisons, count)
        case .number(let call, _): return ck_seccomp_add_number(filter, Int32(call), action, number, comparisons, count)
        }
    }
}

extension SeccompCondition {
    fileprivate var comparison: ck_comparison {
        switch self {
        case .masked(let argument, let mask, let value):
            ck_comparison(argument: UInt32(argument), operation: CK_MASKED_EQUAL, mask: mask, value: value)
        case .differs(let argument, let value):
            ck_comparison(argument: UInt32(argument), operation: CK_NOT_EQUAL, mask: 0, value: value)
        }
    }
}

extension SeccompAction {
    fileprivate var answer: (ck_action, UInt32) {
        switch self {
        case .fail(let errno): (CK_ERRNO, UInt32(errno))
        case .notify: (CK_NOTIFY, 0)
        }
    }
}
