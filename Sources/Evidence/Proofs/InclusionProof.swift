/// That one leaf stands at one place of a tree of a known size (RFC 9162 section 2.1.3).
struct InclusionProof: Hashable, Sendable {
    let index: UInt64
    let hashes: [Digest]

    /// The root of the tree of `size` leaves that has this leaf there; nil when no proof of that place has so many hashes.
    func root(of leaf: Digest, size: UInt64, using hash: inout SHA256) -> Digest? {
        guard index < size else { return nil }
        let runs = MerkleShape.inclusion(of: index, in: size)
        guard runs.count == hashes.count else { return nil }
        var root = leaf
        for (run, sibling) in zip(runs, hashes) {
            root = run.lowerBound > index ? MerkleEdge.node(root, sibling, using: &hash) : MerkleEdge.node(sibling, root, using: &hash)
        }
        return root
    }
}
