/// How the kernel of one host holds one policy: ordered, hashable, printable. It is exact, or it was never made.
public struct KernelPlan: Sendable, Hashable {
    public var custody: Custody
    public var user: UserPlan
    public var landlock: LandlockPlan
    public var seccomp: SeccompPlan
    /// `nil` where no programs are attached.
    public var cgroup: CgroupPlan?
    /// The server's own execve is the last one that succeeds.
    public var launchesOnce: Bool
    /// What the self-test tries before the server may start.
    public var trials: [Trial]

    public init(
        custody: Custody, user: UserPlan, landlock: LandlockPlan, seccomp: SeccompPlan, cgroup: CgroupPlan?, launchesOnce: Bool,
        trials: [Trial]
    ) {
        self.custody = custody
        self.user = user
        self.landlock = landlock
        self.seccomp = seccomp
        self.cgroup = cgroup
        self.launchesOnce = launchesOnce
        self.trials = trials
    }
}
