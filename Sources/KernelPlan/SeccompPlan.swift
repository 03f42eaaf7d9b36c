/// A system call by the name that libseccomp knows, or by number where it knows none.
public enum Syscall: Sendable, Hashable {
    case named(String)
    /// Numbers from 424 on are the same on every architecture.
    case number(Int, name: String)

    public var name: String {
        switch self {
        case .named(let name), .number(_, let name): name
        }
    }
}

/// What the filter answers. Errors are numbers of errno(3).
public enum SeccompAction: Sendable, Hashable {
    case fail(errno: Int32)
    /// Answered once by the launcher, ENOSYS ever after.
    case notify
}

/// A comparison of one argument. Never of a pointer's target: the filter cannot see it.
public enum SeccompCondition: Sendable, Hashable {
    /// `(argument & mask) == value`, over 64 bits; int arguments take masks within 32 bits, so that high bits decide nothing.
    case masked(argument: Int, mask: UInt64, value: UInt64)
    /// The whole 64 bits differ from `value`.
    case differs(argument: Int, value: UInt64)
}

/// All conditions must hold for the action to be taken.
public struct SeccompRule: Sendable, Hashable {
    public var syscall: Syscall
    public var action: SeccompAction
    public var conditions: [SeccompCondition]

    public init(_ syscall: Syscall, _ action: SeccompAction, _ conditions: [SeccompCondition] = []) {
        self.syscall = syscall
        self.action = action
        self.conditions = conditions
    }
}

/// A named group of rules, so that a plan says why each is there.
public struct SeccompGroup: Sendable, Hashable {
    public var name: String
    public var rules: [SeccompRule]

    public init(_ name: String, _ rules: [SeccompRule]) {
        self.name = name
        self.rules = rules
    }
}

/// A filter that permits what no rule names; foreign system call ABIs are killed.
public struct SeccompPlan: Sendable, Hashable {
    public var groups: [SeccompGroup]

    public init(groups: [SeccompGroup]) { self.groups = groups }
}
