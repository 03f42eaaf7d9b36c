/// The fewest subtrees that hold all leaves between two that are kept, while the leaves come by one after another: memory grows with the
/// tree's height alone.
struct GapRoots {
    private var nodes: [BundleNode] = []

    /// The next leaves, which are not kept: one, or those of a subtree.
    mutating func add(_ root: Digest, first: UInt64, leaves: UInt64, using hash: inout SHA256) {
        var node = BundleNode(first: first, leaves: leaves, root: root)
        while let left = nodes.last, left.isSibling(of: node) {
            nodes.removeLast()
            node = BundleNode(first: left.first, leaves: 2 * left.leaves, root: MerkleEdge.node(left.root, node.root, using: &hash))
        }
        nodes.append(node)
    }

    /// The gap is over.
    mutating func take() -> [BundleNode] {
        defer { nodes = [] }
        return nodes
    }
}
