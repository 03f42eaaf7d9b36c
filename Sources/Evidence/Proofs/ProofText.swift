/// The lines of a proof file: what stands before the first empty line, and the checkpoint behind it.
struct ProofText {
    let head: [String]
    let checkpoint: Checkpoint

    /// More than any tree has levels.
    static let hashLimit = 64

    /// nil when there is no checkpoint, or anything is not spelled as proofs are.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard let end = bytes.indices.first(where: { bytes[$0...].starts(with: [0x0A, 0x0A]) }),
            let note = String(validating: bytes[(end + 2)...], as: UTF8.self), let checkpoint = Checkpoint(text: note)
        else { return nil }
        head = bytes[..<end].split(separator: 0x0A, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
        self.checkpoint = checkpoint
    }

    /// The hashes that stand from a line on.
    func hashes(from line: Int) -> [Digest]? {
        let lines = head.dropFirst(line)
        guard lines.count <= Self.hashLimit else { return nil }
        let hashes = lines.compactMap { Base64.decode($0).flatMap { Digest(bytes: $0) } }
        return hashes.count == lines.count ? hashes : nil
    }

    /// What stands behind a word and a space on a line.
    func value(of word: String, line: Int) -> String? {
        guard head.indices.contains(line), head[line].utf8.starts(with: "\(word) ".utf8) else { return nil }
        return String(head[line].utf8.dropFirst(word.utf8.count + 1))
    }

    static func write(_ head: [String], _ hashes: [Digest], _ checkpoint: Checkpoint) -> String {
        (head + hashes.map { Base64.encode($0.bytes) } + ["", checkpoint.text]).joined(separator: "\n")
    }
}
