public import Descriptors

/// The lines of a log, or of a bundle of it, that a checkpoint signs for, read once and held against it at the end: what is changed between being
/// verified and being read is found out.
public enum SignedLines {
    public enum Problem: Error, Hashable, Sendable {
        case system(Errno)
        /// Fewer are here than were signed.
        case short(found: UInt64)
        /// They are not those that were signed.
        case changed
    }

    /// Hands each line, without its line feed, to `body`; those that retention removed, or a bundle leaves out, are passed over. Only when this
    /// returns was all of it signed.
    public static func read(
        _ path: String, under checkpoint: Checkpoint, _ body: (_ number: UInt64, _ line: [UInt8]) -> Bool
    ) throws(Problem) {
        var edge = MerkleEdge()
        var hash = SHA256()
        var isWanted = true
        var fits = true
        guard checkpoint.size > 0 else { return }
        try readItems(path) { item in
            switch item {
            case .line(let line):
                let number = edge.size
                edge.append(MerkleEdge.leaf(line, using: &hash), using: &hash)
                isWanted = body(number, Array(line))
            case .gone(let leaves, let root): fits = edge.append(root, leaves: leaves, using: &hash)
            }
            return isWanted && fits && edge.size < checkpoint.size
        }
        // Whoever wants no more makes no claim about the rest.
        guard isWanted else { return }
        guard fits else { throw .changed }
        guard edge.size >= checkpoint.size else { throw .short(found: edge.size) }
        guard edge.size == checkpoint.size, edge.root(using: &hash) == checkpoint.root else { throw .changed }
    }

    private static func readItems(_ path: String, _ body: (LogLines.Item) -> Bool) throws(Problem) {
        do {
            if try WorkingDirectory().status(of: path).isDirectory { return try LogLines.readItems(directory: path, body) }
        } catch {
            throw .system(error)
        }
        do throws(ReceiptSourceError) {
            var bundle = try BundleReader(path)
            while let piece = try bundle.nextPiece() {
                let goesOn =
                    switch piece {
                    case .receipt(let line): line.withUnsafeBytes { body(.line($0)) }
                    case .leftOut(let node): body(.gone(leaves: node.leaves, root: node.root))
                    }
                guard goesOn else { return }
            }
        } catch {
            switch error {
            case .system(let error): throw .system(error)
            case .notBundle, .lineTooLong: throw .changed
            }
        }
    }
}
