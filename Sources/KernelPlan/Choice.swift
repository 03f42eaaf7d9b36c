/// What holds one clause, and why it was chosen: for `explain`. Facts; sentences are made at the edge.
public struct Choice: Sendable, Hashable {
    /// Why this way and no other.
    public enum Because: String, Sendable, Hashable, CaseIterable {
        /// No other way is exact on any host.
        case onlyExact = "only-exact"
        /// Other ways would be exact, and this host has none of them.
        case onlyHere = "only-here"
        /// Needs no privilege, and the others do.
        case noPrivilege = "no-privilege"
        /// Needs the fewest mechanisms.
        case fewest
        /// Its mechanism is needed for another clause already.
        case already
        /// What would hold it a second time knows files by inode, and the clause grants directories.
        case directories
    }

    /// As it is written: `egress.tcp`, `files.execute`, …
    public var clause: String
    /// In the order of `Mechanism`.
    public var mechanisms: [Mechanism]
    public var because: Because
    /// Other ways that would be exact on this host, the best first.
    public var others: [[Mechanism]]

    public init(_ clause: String, by mechanisms: [Mechanism], because: Because, others: [[Mechanism]] = []) {
        self.clause = clause
        self.mechanisms = mechanisms
        self.because = because
        self.others = others
    }
}
