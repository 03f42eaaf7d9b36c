/// All that one run of `check` found.
struct CheckReport: Sendable {
    var policies: [CheckedPolicy] = []
    /// The hosts that were asked about; empty where no policy came so far.
    var hosts: [HostChoice.Host] = []
    var skipped: [PolicyFiles.Skipped] = []

    /// Those that are no layers.
    var policiesAlone: [CheckedPolicy] { policies.filter { $0.layer == nil } }

    /// Layers without fault: nothing else can be said of them alone.
    var layersRead: Int { policies.count { $0.layer != nil && $0.isExact } }

    var isExact: Bool { policies.allSatisfy(\.isExact) }
}
