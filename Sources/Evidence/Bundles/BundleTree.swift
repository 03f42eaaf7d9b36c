/// A log's tree while a bundle is taken from it: what is kept, and the roots that stand for all the rest.
struct BundleTree {
    private var gap = GapRoots()
    private var edge = MerkleEdge()

    /// The next leaves are left out.
    mutating func leaveOut(_ root: Digest, first: UInt64, leaves: UInt64, using hash: inout SHA256) {
        gap.add(root, first: first, leaves: leaves, using: &hash)
    }

    /// The next leaf is kept: what stands for those before it.
    mutating func keep(_ leaf: Digest, using hash: inout SHA256) -> [BundleNode] {
        let nodes = finish(using: &hash)
        edge.append(leaf, using: &hash)
        return nodes
    }

    /// What stands for those since the last that was kept.
    mutating func finish(using hash: inout SHA256) -> [BundleNode] {
        let nodes = gap.take()
        for node in nodes {
            let fits = edge.append(node.root, leaves: node.leaves, using: &hash)
            precondition(fits, "subtrees of a gap stand where such subtrees do")
        }
        return nodes
    }

    /// Of all that was kept, or finished.
    func root(using hash: inout SHA256) -> Digest { edge.root(using: &hash) }
}
