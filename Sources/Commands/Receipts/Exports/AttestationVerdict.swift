import Evidence
import StrictJSON

/// What became of an attestation.
struct AttestationVerdict {
    let statement: InTotoStatement?
    let predicate: ReceiptsPredicate?
    let problems: [AttestationProblem]
    private let isKeyGiven: Bool
    private let isLogCompared: Bool

    init(
        _ statement: InTotoStatement, _ predicate: ReceiptsPredicate, isKeyGiven: Bool, isLogCompared: Bool, problems: [AttestationProblem]
    ) {
        self.statement = statement
        self.predicate = predicate
        self.isKeyGiven = isKeyGiven
        self.isLogCompared = isLogCompared
        self.problems = problems
    }

    init(_ problem: AttestationProblem) {
        statement = nil
        predicate = nil
        isKeyGiven = false
        isLogCompared = false
        problems = [problem]
    }

    var isVerified: Bool { problems.isEmpty }

    func text(_ style: Style, _ file: String) -> String { lines(style, file).map { $0 + "\n" }.joined() }

    private func lines(_ style: Style, _ file: String) -> [String] {
        guard problems.isEmpty, let predicate, let statement else {
            let isDisproven = problems.contains { $0.isDisproof }
            return [style(.error, isDisproven ? "not verified:" : "cannot be judged:")]
                + problems.map { "  \(Escaping.line(file)): \($0.words.message)" }
        }
        let count = predicate.receipts["count"]?.int64 ?? 0
        let checkpoint = predicate.checkpoint
        var lines = Custody.allCases.filter { predicate.custodies.contains($0) }.map(\.words)
        lines.append(
            style(.good, "verified:") + " the exporter vouches for \(count) receipt\(count == 1 ? "" : "s") of the log "
                + "\(Escaping.line(checkpoint.origin)), which had \(checkpoint.size) when it was signed")
        lines += statement.subjects.map { "  \(Escaping.line($0.name)) sha256:\($0.digest.hex)" }
        if let proof = predicate.proof {
            lines.append("  the log has it: " + ReceiptText.line((try? JSON(parsing: proof.receipt))?.object ?? JSONObject()))
        }
        if !isKeyGiven { lines.append("  the log's key is the exporter's word, too: `--key KEY` names one that was kept elsewhere") }
        if !isLogCompared, predicate.proof == nil {
            lines.append("  that these are the log's receipts is the exporter's word: `--log DIR` compares them")
        }
        return lines
    }

    var json: JSON {
        var json: JSONObject = [
            "format": "in-toto", "verified": .bool(isVerified),
            "outcome": .string(isVerified ? "verified" : problems.contains { $0.isDisproof } ? "invalid" : "unsupported"),
            "findings": .array(problems.map { ["code": .string($0.words.code), "message": .string($0.words.message)] }),
        ]
        if let statement { json["statement"] = statement.json }
        return .object(json)
    }
}
