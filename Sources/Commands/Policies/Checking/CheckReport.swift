/// All that one run of `check` found.
struct CheckReport: Sendable {
    var policies: [CheckedPolicy] = []
    /// The hosts that were asked about; empty where no policy came so far.
    var hosts: [HostChoice.Host] = []
    var skipped: [PolicyFiles.Skipped] = []

    var isExact: Bool { policies.allSatisfy(\.isExact) }
}
