import Evidence
import StrictJSON

/// Receipts of draft-farley-acta-signed-receipts in a file: one, or a chain of a line each.
struct ActaFile {
    private let receipts: [(line: Int, bytes: [UInt8])]

    /// nil for a file that does not say that it is one.
    init?(_ bytes: [UInt8]) {
        if let whole = try? JSON(parsing: bytes) {
            guard ActaReceipt.isMarked(whole) else { return nil }
            receipts = [(1, bytes)]
            return
        }
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
        // A chain is known by its first lines, of which one may have been damaged.
        if lines.prefix(2).contains(where: { (try? JSON(parsing: $0)).map(ActaReceipt.isMarked) ?? false }) {
            receipts = lines.enumerated().map { ($0.offset + 1, $0.element) }.filter { $0.1 != [] || $0.0 != lines.count }
        } else if Self.isSimilar(bytes) {
            receipts = [(1, bytes)]
        } else {
            return nil
        }
    }

    /// The members of the envelope by name, wherever they stand: a receipt with a member twice is no JSON of ours, and still to be judged as one.
    private static func isSimilar(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes.prefix(1 << 20), as: UTF8.self)
        return text.contains("\"payload\"") && text.contains("\"signature\"") && text.contains("\"kid\"")
    }

    func verdict(_ keys: IssuerKeys, after predecessor: ActaReceipt?, _ file: String) -> ActaVerdict {
        var verification = ActaVerification(keys: keys, after: predecessor)
        var findings: [ActaVerdict.Finding] = []
        for (line, bytes) in receipts {
            for problem in verification.judge(bytes) { findings.append(ActaVerdict.Finding(line: line, problem: problem)) }
        }
        return ActaVerdict(
            file: file, count: verification.count, untyped: verification.untyped, isBeginningUnknown: verification.isBeginningUnknown,
            findings: findings)
    }
}
