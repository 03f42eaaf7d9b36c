/// What is left of a segment that retention removed: enough to go on with the tree, with all numbers, and with what the log says of itself.
struct RemovedSegment: Sendable, Hashable {
    /// In the order of the tree.
    enum Part: Sendable, Hashable {
        /// So many receipts are gone; the root of their subtree stays.
        case gone(leaves: UInt64, root: Digest)
        /// A receipt that no session's `keep` is about: its line stays.
        case kept(line: [UInt8])

        var leaves: UInt64 {
            switch self {
            case .gone(let leaves, _): leaves
            case .kept: 1
            }
        }
    }

    /// What is gone of a session that had receipts elsewhere, or may have more.
    struct Session: Sendable, Hashable {
        let name: String
        var receipts: UInt64
        /// How many of them its gate had stated.
        var spool: UInt64
        let keep: Keep?
    }

    let first: UInt64
    let count: UInt64
    /// When its last receipt was stated.
    let latest: Timestamp
    let parts: [Part]
    let sessions: [Session]

    var end: UInt64 { first + count }

    /// Receipts whose lines are gone.
    var gone: UInt64 { parts.reduce(0) { if case .gone(let leaves, _) = $1 { $0 + leaves } else { $0 } } }

    /// The lines of the receipts that no session's `keep` is about.
    var keptLines: [[UInt8]] { parts.compactMap { if case .kept(let line) = $0 { line } else { nil } } }

    /// What the receipt of the removal names, so that no byte of what is left can be another.
    var digest: Digest { SHA256.digest(text) }

    /// Adds its leaves to a tree; false where they cannot stand there.
    func append(to edge: inout MerkleEdge, using hash: inout SHA256) -> Bool {
        guard first == edge.size else { return false }
        for part in parts {
            switch part {
            case .gone(let leaves, let root): if !edge.append(root, leaves: leaves, using: &hash) { return false }
            case .kept(let line): edge.append(line.withUnsafeBytes { MerkleEdge.leaf($0, using: &hash) }, using: &hash)
            }
        }
        return true
    }

    /// Whether a tree that had `before` has grown by exactly this to `edge`.
    func isSame(as edge: MerkleEdge, after before: MerkleEdge, using hash: inout SHA256) -> Bool {
        var grown = before
        return append(to: &grown, using: &hash) && grown == edge
    }
}
