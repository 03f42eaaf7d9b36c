import Policy

/// What `check` found for one policy on one host.
struct PolicyVerdict: Sendable {
    /// Nil when the policy is refused whatever the host.
    let host: HostChoice.Host?
    /// Empty: exact.
    let reasons: [Reason]
    /// What is held exactly, and perhaps not meant.
    let notes: [String]

    init(host: HostChoice.Host?, reasons: [Reason], notes: [String] = []) {
        self.host = host
        self.reasons = reasons
        self.notes = notes
    }

    var isExact: Bool { reasons.isEmpty }

    /// Each code once, in the order of the reasons.
    var codes: [ReasonCode] {
        reasons.map(\.code).reduce(into: []) { codes, code in if !codes.contains(code) { codes.append(code) } }
    }
}
