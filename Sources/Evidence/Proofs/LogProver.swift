public import Descriptors

/// Makes proofs from a log in a directory, in one pass over its receipts. Nothing is verified: a proof that is made of a log that was changed
/// does not verify.
public struct LogProver {
    /// Why there is no proof.
    public enum Problem: Error, Hashable, Sendable {
        case system(Errno)
        /// There is no checkpoint, or the last is none.
        case unsigned
        /// The receipt is there, and no checkpoint covers it yet.
        case pending(signed: UInt64)
        case noSuchReceipt
        /// The log is shorter than the checkpoint says, or than the one that was kept.
        case short(found: UInt64)
        /// Retention removed the receipt.
        case removed
        /// The checkpoint that was kept is none of this log's: retention removed the receipts around its end.
        case unknownCheckpoint
    }

    private let directory: String
    /// The last that was signed.
    public let checkpoint: Checkpoint

    public init(directory: String) throws(Problem) {
        self.directory = directory
        let file: CheckpointFile
        do { file = try CheckpointFile(in: WorkingDirectory().open(directory, .directory)) } catch { throw .system(error) }
        guard let last = file.entries.last?.checkpoint else { throw .unsigned }
        checkpoint = last
    }

    /// That the log has the receipt of this number.
    public func receipt(_ number: UInt64) throws(Problem) -> ReceiptProof {
        guard number < checkpoint.size else { throw try exists(number) ? .pending(signed: checkpoint.size) : .noSuchReceipt }
        var line: [UInt8]?
        let hashes = try hashes(of: MerkleShape.inclusion(of: number, in: checkpoint.size), orElse: .removed) { at, bytes in
            if at == number { line = Array(bytes) }
        }
        guard let line else { throw .removed }
        return ReceiptProof(receipt: line, inclusion: InclusionProof(index: number, hashes: hashes), checkpoint: checkpoint)
    }

    /// That the log goes on from a checkpoint that was kept.
    public func consistency(since old: Checkpoint) throws(Problem) -> ConsistencyProof {
        guard old.size <= checkpoint.size else { throw .short(found: checkpoint.size) }
        let hashes = try hashes(of: MerkleShape.consistency(from: old.size, to: checkpoint.size), orElse: .unknownCheckpoint) { _, _ in }
        return ConsistencyProof(oldSize: old.size, hashes: hashes, checkpoint: checkpoint)
    }

    /// The hashes of runs of receipts; `look` sees each receipt that is signed. `problem`: why there are none, where a run begins or ends
    /// among receipts that are removed.
    func hashes(
        of runs: [Range<UInt64>], orElse problem: Problem, _ look: (_ number: UInt64, _ line: UnsafeRawBufferPointer) -> Void
    ) throws(Problem) -> [Digest] {
        var roots = RunRoots(runs)
        var hash = SHA256()
        var number: UInt64 = 0
        var fits = true
        try read { item in
            switch item {
            case .line(let line):
                look(number, line)
                roots.add(MerkleEdge.leaf(line, using: &hash), using: &hash)
                number += 1
            case .gone(let leaves, let root):
                fits = roots.add(root, leaves: leaves, using: &hash)
                number += leaves
            }
            return fits && number < checkpoint.size
        }
        guard fits else { throw problem }
        guard number == checkpoint.size, let hashes = roots.hashes else { throw .short(found: number) }
        return hashes
    }

    private func exists(_ number: UInt64) throws(Problem) -> Bool {
        var count: UInt64 = 0
        try read { item in
            if case .gone(let leaves, _) = item { count += leaves } else { count += 1 }
            return count <= number
        }
        return count > number
    }

    private func read(_ body: (LogLines.Item) -> Bool) throws(Problem) {
        do { try LogLines.readItems(directory: directory, body) } catch { throw .system(error) }
    }
}
