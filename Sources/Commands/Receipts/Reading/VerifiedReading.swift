import Evidence

/// Reads a log again after it was verified: as far as it was then, and only if what was signed is still the same.
struct VerifiedReading: ~Copyable {
    private let verification: VerificationReport
    private var hash = SHA256()
    private var edge = MerkleEdge()
    private var read: UInt64 = 0
    private var root: Digest?

    init(_ verification: VerificationReport) { self.verification = verification }

    /// False behind the last receipt that was verified.
    mutating func goesOn(to item: ReceiptLines.Item) -> Bool {
        guard read < verification.receipts else { return false }
        read += 1
        // What does not verify anyway need not be found to have changed.
        if verification.isGood, read <= verification.signedSize { add(item.line) }
        return true
    }

    private mutating func add(_ line: [UInt8]) {
        let leaf = line.withUnsafeBytes { MerkleEdge.leaf($0, using: &hash) }
        edge.append(leaf, using: &hash)
        if read == verification.signedSize { root = edge.root(using: &hash) }
    }

    var isUnchanged: Bool {
        guard verification.isGood else { return true }
        return read == verification.receipts && root == verification.signedRoot
    }
}
