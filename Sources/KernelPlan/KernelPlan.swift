/// How the kernel of one host holds one policy: ordered, hashable, printable. It is exact, or it was never made.
public struct KernelPlan: Sendable, Hashable {
    public var custody: Custody
    public var user: UserPlan
    public var landlock: LandlockPlan
    public var seccomp: SeccompPlan
    /// `nil` where no programs are attached.
    public var cgroup: CgroupPlan?
    /// `nil` where the server sees the host's mounts.
    public var mounts: MountPlan?
    /// The server runs in an empty network namespace.
    public var hasEmptyNetwork: Bool
    /// At 127.0.0.1 in that namespace, served from outside by the name proxy; `nil` where there is none.
    public var doorPort: UInt16?
    public var limits: ResourceLimits
    /// The server's own execve is the last one that succeeds.
    public var launchesOnce: Bool
    /// What the self-test tries before the server may start.
    public var trials: [Trial]
    /// What holds each clause, and why that way.
    public var choices: [Choice]

    public init(
        custody: Custody, user: UserPlan, landlock: LandlockPlan, seccomp: SeccompPlan, cgroup: CgroupPlan? = nil, mounts: MountPlan? = nil,
        hasEmptyNetwork: Bool = false, doorPort: UInt16? = nil, limits: ResourceLimits = .init(), launchesOnce: Bool, trials: [Trial],
        choices: [Choice] = []
    ) {
        self.custody = custody
        self.user = user
        self.landlock = landlock
        self.seccomp = seccomp
        self.cgroup = cgroup
        self.mounts = mounts
        self.hasEmptyNetwork = hasEmptyNetwork
        self.doorPort = doorPort
        self.limits = limits
        self.launchesOnce = launchesOnce
        self.trials = trials
        self.choices = choices
    }
}
