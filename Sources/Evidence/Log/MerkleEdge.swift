/// The right edge of a Merkle tree (RFC 9162 section 2.1): the roots of its whole subtrees, largest first. Enough to append and to give the
/// root.
public struct MerkleEdge: Hashable, Sendable {
    /// How many leaves.
    public private(set) var size: UInt64 = 0
    /// One per set bit of `size`.
    public private(set) var roots: [Digest] = []

    public init() {}

    /// As it was read; nil unless there is a root for each of its whole subtrees.
    init?(size: UInt64, roots: [Digest]) {
        guard size <= UInt64(Int64.max), roots.count == size.nonzeroBitCount else { return nil }
        self.size = size
        self.roots = roots
    }

    /// Adds a leaf by its hash.
    public mutating func append(_ leaf: Digest, using hash: inout SHA256) {
        carry(leaf, leaves: 1, using: &hash)
    }

    /// Adds a whole subtree by its root; false where none of so many leaves can stand.
    mutating func append(_ root: Digest, leaves: UInt64, using hash: inout SHA256) -> Bool {
        guard leaves > 0, leaves & (leaves - 1) == 0, size & (leaves - 1) == 0, size <= UInt64(Int64.max) - leaves else { return false }
        carry(root, leaves: leaves, using: &hash)
        return true
    }

    private mutating func carry(_ root: Digest, leaves: UInt64, using hash: inout SHA256) {
        var carried = root
        var remaining = size / leaves
        while remaining & 1 == 1 {
            carried = Self.node(roots.removeLast(), carried, using: &hash)
            remaining >>= 1
        }
        roots.append(carried)
        size += leaves
    }

    /// The hash of the whole tree; of no leaves, that of nothing.
    public func root(using hash: inout SHA256) -> Digest {
        guard var root = roots.last else { return hash.finish() }
        for left in roots.dropLast().reversed() { root = Self.node(left, root, using: &hash) }
        return root
    }

    /// SHA-256(0x00 || entry).
    public static func leaf(_ entry: UnsafeRawBufferPointer, using hash: inout SHA256) -> Digest {
        withUnsafeBytes(of: UInt8(0)) { hash.update($0) }
        hash.update(entry)
        return hash.finish()
    }

    /// SHA-256(0x01 || left || right).
    static func node(_ left: Digest, _ right: Digest, using hash: inout SHA256) -> Digest {
        // As one run of bytes: libcrypto takes longer over three.
        withUnsafeTemporaryAllocation(byteCount: 1 + 2 * Digest.size, alignment: 8) { bytes in
            bytes[0] = 1
            left.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: bytes[1...]).copyMemory(from: $0) }
            right.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: bytes[(1 + Digest.size)...]).copyMemory(from: $0) }
            hash.update(UnsafeRawBufferPointer(bytes))
        }
        return hash.finish()
    }
}
