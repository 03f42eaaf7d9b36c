/// Who runs the daemon, and so who keeps the record.
public enum Custody: String, Sendable, Hashable, CaseIterable {
    /// sandboxd as root.
    case daemon
    /// `sandboxd --private`, as the caller.
    case user
}

/// A host as a value: what its mechanisms did when they were tried.
public struct HostProfile: Sendable, Hashable {
    /// uname(2) release; shown, never decided on.
    public var kernel: String
    /// uname(2) machine; shown, never decided on.
    public var architecture: String
    public var custody: Custody
    /// What `landlock_create_ruleset(…, LANDLOCK_CREATE_RULESET_VERSION)` answered; 0 where Landlock is absent. It says which rights may be named; that
    /// they hold is what `observations` say.
    public var landlockABI: Int
    /// Mechanisms that are missing here count as absent, `not tried`.
    public var observations: [Mechanism: Observation]
    /// System calls that a plan may name and that have no number here; sorted.
    public var unknownSyscalls: [String]

    public init(
        kernel: String, architecture: String, custody: Custody, landlockABI: Int, observations: [Mechanism: Observation],
        unknownSyscalls: [String] = []
    ) {
        self.kernel = kernel
        self.architecture = architecture
        self.custody = custody
        self.landlockABI = landlockABI
        self.observations = observations
        self.unknownSyscalls = unknownSyscalls
    }

    public subscript(mechanism: Mechanism) -> Observation { observations[mechanism] ?? .absent("not tried") }

    public func has(_ mechanism: Mechanism) -> Bool { self[mechanism].isUsable }
}
