/// The hashes of runs of leaves, from one pass over all leaves in order: memory grows with the number of runs, not of leaves.
struct RunRoots: ~Copyable {
    private let runs: [Range<UInt64>]
    private var roots: [Digest]
    /// Of the runs, by where they begin.
    private let order: [Int]
    private var current = 0
    private var edge = MerkleEdge()
    private var position: UInt64 = 0

    /// The runs may stand in any order, and do not overlap.
    init(_ runs: [Range<UInt64>]) {
        self.runs = runs
        roots = [Digest](repeating: Digest(), count: runs.count)
        order = runs.indices.sorted { runs[$0].lowerBound < runs[$1].lowerBound }
    }

    /// Takes the next leaf by its hash.
    mutating func add(_ leaf: Digest, using hash: inout SHA256) {
        _ = add(leaf, leaves: 1, using: &hash)
    }

    /// Takes the next leaves by the root of their subtree; false where one run begins or ends among them.
    mutating func add(_ root: Digest, leaves: UInt64, using hash: inout SHA256) -> Bool {
        let end = position + leaves
        defer { position = end }
        guard current < order.count, runs[order[current]].lowerBound < end else { return true }
        let run = runs[order[current]]
        guard run.lowerBound <= position, end <= run.upperBound, edge.append(root, leaves: leaves, using: &hash) else { return false }
        guard end == run.upperBound else { return true }
        roots[order[current]] = edge.root(using: &hash)
        edge = MerkleEdge()
        current += 1
        return true
    }

    /// In the order in which the runs were given; nil until the last leaf of the last run was taken.
    var hashes: [Digest]? { current == order.count ? roots : nil }
}
