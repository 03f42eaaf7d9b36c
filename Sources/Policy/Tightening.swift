extension Policy {
    /// What this policy and all of these layers permit, of everything that the kernel holds; `tools` and `messages` are left to whoever
    /// decides calls, layer by layer.
    ///
    /// A clause that a layer does not have is as it was. What remains keeps the place of the document that says it.
    /// INVARIANT: exact. Errors: R128 for each clause whose intersection cannot be written down.
    public func tightened(by layers: [Layer]) throws(Refusal) -> Policy {
        var result = self
        var reasons: [Reason] = []
        for layer in layers {
            var tightening = Tightening(result.clauses, by: layer)
            tightening.apply()
            result.clauses = tightening.clauses
            reasons += tightening.reasons
        }
        try Refusal.check(reasons)
        return result
    }
}

/// One layer on its way into a policy's clauses.
struct Tightening {
    var clauses: Clauses
    let layer: Layer
    private(set) var reasons: [Reason] = []

    init(_ clauses: Clauses, by layer: Layer) {
        self.clauses = clauses
        self.layer = layer
    }

    mutating func apply() {
        // The layer's, or what was there before where the layer asks for less.
        if let user = layer.clauses.server.user, user.value == .session, clauses.server.user?.value != .session {
            clauses.server.user = user
        }
        tightenNetwork()
        tightenFiles()
        tightenProcesses()
        tightenEvidence()
        tightenApprovals()
    }

    enum Problem: String {
        case tooMany, nobody
    }

    mutating func refuse(_ clause: String, _ problem: Problem, at location: SourceLocation) {
        reasons.append(
            Reason(.inexpressibleTightening, at: location, ["clause": clause, "layer": layer.name, "problem": problem.rawValue]))
    }
}
