import Policy
import PolicyText

/// One policy and its verdicts: one for each host, or a single one where no host matters; or a layer, which is read and no more.
struct CheckedPolicy: Sendable {
    /// As the caller gave it, or as it was found in a directory.
    let file: String
    /// Nil when it could not be read.
    let texts: PolicyTexts?
    /// Nil where this is a policy.
    let layer: PolicySource?
    /// The layers that tighten it, by name; none where it is refused for its text.
    let layers: [String]
    let verdicts: [PolicyVerdict]
    /// What the refusals ledger says to it; nil where it was not told.
    var ledger: CheckedRefusal?

    init(file: String, texts: PolicyTexts?, layer: PolicySource? = nil, layers: [String] = [], verdicts: [PolicyVerdict]) {
        self.file = file
        self.texts = texts
        self.layer = layer
        self.layers = layers
        self.verdicts = verdicts
    }

    /// Exact; of a layer: without fault.
    var isExact: Bool { verdicts.allSatisfy(\.isExact) }

    /// A reason, and the hosts on which it holds.
    struct Finding: Sendable {
        let reason: Reason
        /// Nil: on every host, since none was asked.
        var hosts: [HostChoice.Host]?
    }

    /// Each reason once.
    var findings: [Finding] {
        var findings: [Finding] = []
        for verdict in verdicts {
            for reason in verdict.reasons {
                if let index = findings.firstIndex(where: { $0.reason == reason }) {
                    findings[index].hosts? += [verdict.host].compactMap { $0 }
                } else {
                    findings.append(Finding(reason: reason, hosts: verdict.host.map { [$0] }))
                }
            }
        }
        return findings
    }

    /// What a host says of it; a policy that is refused for its text is so on each.
    func verdict(on host: HostChoice.Host) -> PolicyVerdict? { verdicts.first { $0.host == nil || $0.host == host } }

    /// The bytes of a document by the name that positions carry.
    func source(_ name: String) -> [UInt8]? { texts?.source(name) ?? layer?.bytes }
}
