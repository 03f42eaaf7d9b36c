import StrictJSON

/// A subtree of the log whose receipts a bundle leaves out: its root stands for them.
struct BundleNode: Hashable, Sendable {
    /// The number of its first receipt.
    let first: UInt64
    /// A power of two, which divides `first`.
    let leaves: UInt64
    let root: Digest

    var end: UInt64 { first + leaves }

    /// Whether both are halves of one subtree, whose root could stand for both.
    func isSibling(of right: BundleNode) -> Bool { end == right.first && leaves == right.leaves && first & leaves == 0 }

    /// In canonical form.
    var line: [UInt8] {
        Array("{\"\(BundleFormat.first)\":\(first),\"\(BundleFormat.leaves)\":\(leaves),\"\(BundleFormat.root)\":\"\(root.hex)\"}".utf8)
    }

    init(first: UInt64, leaves: UInt64, root: Digest) {
        self.first = first
        self.leaves = leaves
        self.root = root
    }

    /// Reads the line that `line` gives.
    init(_ line: [UInt8]) throws(LineError) {
        let members = try CanonicalLine.members(line, [BundleFormat.first, BundleFormat.leaves, BundleFormat.root])
        let first = try ReceiptLine.count(members, BundleFormat.first, from: 0)
        let leaves = try ReceiptLine.count(members, BundleFormat.leaves, from: 1)
        guard leaves.nonzeroBitCount == 1, first & (leaves - 1) == 0 else { throw LineError(.invalidMember(BundleFormat.leaves)) }
        self.init(first: first, leaves: leaves, root: try ReceiptLine.value(members, BundleFormat.root) { Digest(hex: $0) })
    }
}
