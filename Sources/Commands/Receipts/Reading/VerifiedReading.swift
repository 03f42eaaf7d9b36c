import Evidence

/// Reads a log or bundle again after it was verified: as far as it was then, and only if it is still the same. All receipts of a log are hashed
/// into its tree again; where retention removed some, or a bundle leaves them out, only the count and order of the others tell.
struct VerifiedReading: ~Copyable {
    private let verification: VerificationReport
    private let isBundle: Bool
    private var hash = SHA256()
    private var edge = MerkleEdge()
    private var read: UInt64 = 0
    /// The least number that may follow.
    private var next: UInt64 = 0
    private var isOrdered = true
    private var root: Digest?

    init(_ verification: VerificationReport, of path: String) {
        self.verification = verification
        isBundle = (try? ReceiptSource(path).form) == .bundle
    }

    /// False behind the last receipt that was verified.
    mutating func goesOn(to item: ReceiptLines.Item) -> Bool {
        guard isBundle || isAmongVerified(item) else { return false }
        if case .receipt(let record) = item {
            isOrdered = isOrdered && record.number >= next
            next = record.number &+ 1
        }
        // What does not verify anyway need not be found to have changed.
        if verification.isGood, read < verification.signedSize { add(item.line) }
        read += 1
        return true
    }

    /// What is no receipt is behind none that was verified.
    private func isAmongVerified(_ item: ReceiptLines.Item) -> Bool {
        guard case .receipt(let record) = item, verification.isGood else { return read < verification.receipts }
        return record.number < verification.receipts
    }

    private mutating func add(_ line: [UInt8]) {
        let leaf = line.withUnsafeBytes { MerkleEdge.leaf($0, using: &hash) }
        edge.append(leaf, using: &hash)
        if edge.size == verification.signedSize { root = edge.root(using: &hash) }
    }

    /// So many receipts of the log are known by the hashes of their trees alone.
    var missing: UInt64 {
        let whole = max(verification.receipts, verification.signedSize)
        return whole > read ? whole - read : 0
    }

    var isUnchanged: Bool {
        guard verification.isGood else { return true }
        if missing == 0 { return root == verification.signedRoot }
        return isOrdered && (isBundle ? read == verification.receipts : missing == verification.removed)
    }
}
