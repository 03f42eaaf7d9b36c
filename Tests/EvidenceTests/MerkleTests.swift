import Testing

@testable import Evidence

/// The definition of RFC 9162 section 2.1.1, word for word: slow, and independent of the edge.
func naiveRoot(_ entries: ArraySlice<[UInt8]>) -> Digest {
    guard let only = entries.first else { return SHA256.digest([]) }
    if entries.count == 1 { return SHA256.digest([0] + only) }
    var split = 1
    while split * 2 < entries.count { split *= 2 }
    let middle = entries.startIndex + split
    return SHA256.digest([1] + naiveRoot(entries[..<middle]).bytes + naiveRoot(entries[middle...]).bytes)
}

@Suite struct MerkleTests {
    /// The entries and roots of the test vectors of certificate-transparency-go (merkletree_test, RFC 6962 hashing, the same tree).
    static let entries: [[UInt8]] = [
        [], [0x00], [0x10], [0x20, 0x21], [0x30, 0x31], [0x40, 0x41, 0x42, 0x43], [0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
        [0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F],
    ]
    static let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]

    @Test("the published tree has its published roots at every size")
    func published() {
        var hash = SHA256()
        var edge = MerkleEdge()
        #expect(edge.root(using: &hash).hex == Self.roots[0])
        for (entry, root) in zip(Self.entries, Self.roots.dropFirst()) {
            edge.append(entry.withUnsafeBytes { MerkleEdge.leaf($0, using: &hash) }, using: &hash)
            #expect(edge.root(using: &hash).hex == root)
        }
    }

    @Test("the edge gives the root that the definition gives, for every size up to 130, and holds one hash per set bit")
    func agreesWithDefinition() {
        var hash = SHA256()
        var edge = MerkleEdge()
        var entries: [[UInt8]] = []
        for size in 1...130 {
            let entry = Array("entry \(size)".utf8)
            entries.append(entry)
            edge.append(entry.withUnsafeBytes { MerkleEdge.leaf($0, using: &hash) }, using: &hash)
            #expect(edge.root(using: &hash) == naiveRoot(entries[...]), "size \(size)")
            #expect(edge.roots.count == size.nonzeroBitCount)
        }
    }
}
