public import Descriptors

/// The lines of a log that a checkpoint signs for, read once and held against it at the end: a log that is changed between being verified and being
/// read is found out.
public enum SignedLines {
    public enum Problem: Error, Hashable, Sendable {
        case system(Errno)
        /// Fewer are here than were signed.
        case short(found: UInt64)
        /// They are not those that were signed.
        case changed
    }

    /// Hands each line, without its line feed, to `body`; those that retention removed are passed over. Only when this returns was all of it
    /// signed.
    public static func read(
        directory path: String, under checkpoint: Checkpoint, _ body: (_ number: UInt64, _ line: [UInt8]) -> Bool
    ) throws(Problem) {
        var edge = MerkleEdge()
        var hash = SHA256()
        var isWanted = true
        var fits = true
        guard checkpoint.size > 0 else { return }
        do {
            try LogLines.readItems(directory: path) { item in
                switch item {
                case .line(let line):
                    let number = edge.size
                    edge.append(MerkleEdge.leaf(line, using: &hash), using: &hash)
                    isWanted = body(number, Array(line))
                case .gone(let leaves, let root): fits = edge.append(root, leaves: leaves, using: &hash)
                }
                return isWanted && fits && edge.size < checkpoint.size
            }
        } catch {
            throw .system(error)
        }
        // Whoever wants no more makes no claim about the rest.
        guard isWanted else { return }
        guard fits else { throw .changed }
        guard edge.size == checkpoint.size else { throw .short(found: edge.size) }
        guard edge.root(using: &hash) == checkpoint.root else { throw .changed }
    }
}
