/// Clauses of one value each.
extension Tightening {
    mutating func tightenProcesses() {
        let other = layer.clauses.processes
        clauses.processes.spawn = Self.narrower(clauses.processes.spawn, other.spawn, narrowest: .none)
        clauses.processes.tasks = Self.smaller(clauses.processes.tasks, other.tasks)
        clauses.processes.memory = Self.smaller(clauses.processes.memory, other.memory)
        clauses.processes.cpu = Self.smaller(clauses.processes.cpu, other.cpu)
    }

    /// The stronger: more is kept, sooner on disk, and longer.
    mutating func tightenEvidence() {
        let other = layer.clauses.evidence
        if let arguments = other.arguments, arguments.value == .full, clauses.evidence.arguments?.value != .full {
            clauses.evidence.arguments = arguments
        }
        if let durability = other.durability, durability.value == .disk, clauses.evidence.durability?.value != .disk {
            clauses.evidence.durability = durability
        }
        if let keep = other.keep, let own = clauses.evidence.keep, Self.isLonger(keep.value, than: own.value) {
            clauses.evidence.keep = keep
        }
    }

    private static func isLonger(_ left: EvidenceClause.Retention, than right: EvidenceClause.Retention) -> Bool {
        switch (left, right) {
        case (_, .forever): false
        case (.forever, .seconds): true
        case (.seconds(let left), .seconds(let right)): left > right
        }
    }

    /// Only whom both name may approve. Whoever may where no policy says so, a layer may name.
    mutating func tightenApprovals() {
        let other = layer.clauses.approvals
        clauses.approvals.within = Self.smaller(clauses.approvals.within, other.within, orElse: ApprovalsClause.defaultWithin)
        clauses.approvals.wait = Self.smaller(clauses.approvals.wait, other.wait, orElse: ApprovalsClause.defaultWait)
        guard let by = other.by else { return }
        guard let own = clauses.approvals.by else {
            clauses.approvals.by = by
            return
        }
        let both = own.filter { own in by.contains { $0.value == own.value } }
        if both.isEmpty, let first = by.first { return refuse("approvals.by", .nobody, at: first.location) }
        clauses.approvals.by = both
    }

    // MARK: Values

    /// An absent clause of the policy is the narrowest already.
    static func narrower<Value: Equatable>(_ own: Located<Value>?, _ other: Located<Value>?, narrowest: Value) -> Located<Value>? {
        guard let own, let other, other.value == narrowest, own.value != narrowest else { return own }
        return other
    }

    /// An absent clause is no limit, or this one.
    private static func smaller(_ own: Located<Int>?, _ other: Located<Int>?, orElse absent: Int = .max) -> Located<Int>? {
        guard let other, other.value < (own?.value ?? absent) else { return own }
        return other
    }
}

extension ApprovalsClause {
    /// Seconds that a grant is good for where no clause says so.
    public static let defaultWithin = 900
    /// Seconds that a call waits in line where no clause says so.
    public static let defaultWait = 45
}
