/// That a log only grew between two checkpoints (RFC 9162 section 2.1.4), in the form in which C2SP witnesses take it: `old SIZE`, the hashes,
/// an empty line, the later checkpoint.
public struct ConsistencyProof: Hashable, Sendable {
    public let oldSize: UInt64
    let hashes: [Digest]
    public let checkpoint: Checkpoint

    init(oldSize: UInt64, hashes: [Digest], checkpoint: Checkpoint) {
        self.oldSize = oldSize
        self.hashes = hashes
        self.checkpoint = checkpoint
    }

    /// Whether a file says that it is such a proof.
    public static func isMarked(_ bytes: [UInt8]) -> Bool { bytes.starts(with: "old ".utf8) }

    /// The whole file.
    public var text: String { ProofText.write(["old \(oldSize)"], hashes, checkpoint) }

    /// Reads the file that `text` gives, and no other spelling; nothing is judged.
    public init?(text: String) {
        guard let lines = ProofText(text), let oldSize = lines.value(of: "old", line: 0).flatMap({ UInt64($0) }),
            let hashes = lines.hashes(from: 1)
        else { return nil }
        self.init(oldSize: oldSize, hashes: hashes, checkpoint: lines.checkpoint)
        guard self.text.utf8.elementsEqual(text.utf8) else { return nil }
    }

    /// What is wrong with it, for one who kept an earlier checkpoint; empty when the later log begins with what that signed.
    public func findings(since known: Checkpoint, _ key: VerifierKey, file: String) -> [Finding] {
        findings(since: known, [key], file: file)
    }

    /// The same where the log's key was exchanged, and several are trusted.
    public func findings(since known: Checkpoint, _ keys: [VerifierKey], file: String) -> [Finding] {
        var problems: [Finding.Problem] = []
        if let problem = known.problem(by: keys) ?? checkpoint.problem(by: keys) { problems.append(problem) }
        if known.size != oldSize { problems.append(.otherCheckpoint(proven: oldSize, known: known.size)) }
        if !holds(known.root) { problems.append(.knownCheckpointViolated(size: known.size)) }
        return problems.map { Finding($0, file) }
    }

    /// Whether the tree that is signed begins with the one of `oldRoot`.
    func holds(_ oldRoot: Digest) -> Bool {
        guard oldSize <= checkpoint.size else { return false }
        // Of nothing everything is a continuation.
        if oldSize == 0 { return hashes.isEmpty }
        if oldSize == checkpoint.size { return hashes.isEmpty && oldRoot == checkpoint.root }
        let runs = MerkleShape.consistency(from: oldSize, to: checkpoint.size)
        guard runs.count == hashes.count else { return false }
        var hash = SHA256()
        var rest = Array(zip(runs, hashes))[...]
        // The part that both trees end or begin with: all of the old one, or the first that is given.
        let common = runs[0].upperBound <= oldSize ? rest.removeFirst().1 : oldRoot
        var (old, new) = (common, common)
        for (run, sibling) in rest {
            if run.lowerBound >= oldSize {
                new = MerkleEdge.node(new, sibling, using: &hash)
            } else {
                old = MerkleEdge.node(sibling, old, using: &hash)
                new = MerkleEdge.node(sibling, new, using: &hash)
            }
        }
        return old == oldRoot && new == checkpoint.root
    }
}
