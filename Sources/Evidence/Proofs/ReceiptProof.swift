/// One receipt, and the proof that a log whose size and root somebody signed has it: a C2SP tlog-proof, whose extra data is the receipt's line.
public struct ReceiptProof: Hashable, Sendable {
    /// The receipt's line, without its line feed.
    public let receipt: [UInt8]
    let inclusion: InclusionProof
    public let checkpoint: Checkpoint

    /// The receipt's number in its log.
    public var number: UInt64 { inclusion.index }

    init(receipt: [UInt8], inclusion: InclusionProof, checkpoint: Checkpoint) {
        self.receipt = receipt
        self.inclusion = inclusion
        self.checkpoint = checkpoint
    }

    /// The first line of every such file.
    static let mark = "c2sp.org/tlog-proof@v1"

    /// Whether a file says that it is such a proof.
    public static func isMarked(_ bytes: [UInt8]) -> Bool { bytes.starts(with: "\(mark)\n".utf8) }

    /// The whole file.
    public var text: String {
        ProofText.write([Self.mark, "extra \(Base64.encode(receipt))", "index \(number)"], inclusion.hashes, checkpoint)
    }

    /// Reads the file that `text` gives, and no other spelling; nothing is judged.
    public init?(text: String) {
        guard let lines = ProofText(text), let receipt = lines.value(of: "extra", line: 1).flatMap({ Base64.decode($0) }),
            let index = lines.value(of: "index", line: 2).flatMap({ UInt64($0) }), let hashes = lines.hashes(from: 3)
        else { return nil }
        self.init(receipt: receipt, inclusion: InclusionProof(index: index, hashes: hashes), checkpoint: lines.checkpoint)
        guard self.text.utf8.elementsEqual(text.utf8) else { return nil }
    }

    /// What is wrong with it, by the log's key; empty when the receipt was in the log that was signed.
    public func findings(_ key: VerifierKey, file: String) -> [Finding] { findings([key], file: file) }

    /// The same where the log's key was exchanged, and several are trusted.
    public func findings(_ keys: [VerifierKey], file: String) -> [Finding] {
        var problems: [Finding.Problem] = []
        if let problem = checkpoint.problem(by: keys) { problems.append(problem) }
        do {
            let line = try ReceiptLine(receipt)
            if line.number != number { problems.append(.number(expected: number, found: line.number)) }
        } catch {
            problems.append(error.problem)
        }
        var hash = SHA256()
        let leaf = receipt.withUnsafeBytes { MerkleEdge.leaf($0, using: &hash) }
        if inclusion.root(of: leaf, size: checkpoint.size, using: &hash) != checkpoint.root {
            problems.append(.notIncluded(number: number))
        }
        return problems.map { Finding($0, file) }
    }
}
