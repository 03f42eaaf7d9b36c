/// What a statement of the record is worth. Closed: DESIGN's four.
enum ClaimLevel: String, Sendable, Hashable, CaseIterable, Comparable {
    /// Not recorded, or cannot be.
    case absent
    /// The server, the agent or the client said so.
    case reported
    /// Held to be so by a rule that is named.
    case inferred
    /// The kernel, the gate or the daemon saw it.
    case observed

    static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// One statement that the record supports, or expressly does not.
struct Claim: Sendable, Hashable {
    /// Stable in JSON.
    let id: String
    let level: ClaimLevel
    let statement: String
    let count: UInt64
    /// Which receipts it comes from, and how whoever wrote them knows.
    let source: String

    init(_ level: ClaimLevel, _ id: String, _ count: UInt64, _ statement: String, source: String) {
        self.level = level
        self.id = id
        self.count = count
        self.statement = statement
        self.source = source
    }
}
