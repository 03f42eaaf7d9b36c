import Evidence
import StrictJSON

/// A file that proves something of a log to one who does not have it.
enum ProofFile {
    case receipt(ReceiptProof)
    case growth(ConsistencyProof)
    /// It says what it is, and is not spelled so.
    case malformed

    /// nil for a file that does not say that it is one.
    init?(_ bytes: [UInt8]) {
        let text = String(validating: bytes, as: UTF8.self)
        if ReceiptProof.isMarked(bytes) {
            self = text.flatMap { ReceiptProof(text: $0) }.map { .receipt($0) } ?? .malformed
        } else if ConsistencyProof.isMarked(bytes) {
            self = text.flatMap { ConsistencyProof(text: $0) }.map { .growth($0) } ?? .malformed
        } else {
            return nil
        }
    }

    /// What is missing on the command line.
    enum Missing: Error {
        case key, checkpoint

        var words: (message: String, help: String?) {
            switch self {
            case .key:
                (
                    "a proof is judged by the log's public key",
                    "`--key KEY`: `key.pub` beside the log, compared with one that was kept elsewhere"
                )
            case .checkpoint:
                ("this proves that a log goes on from an earlier checkpoint", "`--checkpoint FILE` names the one that was kept")
            }
        }
    }

    func verdict(_ expectation: LogExpectation, _ file: String) throws(Missing) -> ProofVerdict {
        guard let key = expectation.key else { throw .key }
        let keys = [key] + expectation.otherKeys
        switch self {
        case .receipt(let proof):
            return ProofVerdict(.receipt(proof.receipt, number: proof.number), of: proof.checkpoint, proof.findings(keys, file: file))
        case .growth(let proof):
            guard let known = expectation.checkpoint else { throw .checkpoint }
            return ProofVerdict(.growth(from: proof.oldSize), of: proof.checkpoint, proof.findings(since: known, keys, file: file))
        case .malformed: return ProofVerdict(malformed: file)
        }
    }
}

/// What became of a proof.
struct ProofVerdict: Sendable, Hashable {
    enum Claim: Sendable, Hashable {
        case receipt([UInt8], number: UInt64)
        case growth(from: UInt64)
    }

    /// nil for a file that is none.
    let claim: Claim?
    let checkpoint: Checkpoint?
    let findings: [Finding]

    init(_ claim: Claim, of checkpoint: Checkpoint, _ findings: [Finding]) {
        self.claim = claim
        self.checkpoint = checkpoint
        self.findings = findings
    }

    init(malformed file: String) {
        claim = nil
        checkpoint = nil
        findings = [Finding(.malformedProof, file)]
    }

    func text(_ style: Style) -> String {
        lines(style).map { $0 + "\n" }.joined()
    }

    private func lines(_ style: Style) -> [String] {
        guard findings.isEmpty, let claim, let checkpoint else { return [style(.error, "not verified:")] + findings.map { "  " + $0.text } }
        let log = "the log \(Escaping.line(checkpoint.origin)), which had \(checkpoint.size) receipts when it was signed"
        switch claim {
        case .receipt(let line, let number):
            let receipt = (try? JSON(parsing: line))?.object ?? JSONObject()
            let custody = receipt[ReceiptFields.custody]?.string.flatMap { Custody(rawValue: $0) }
            return (custody.map { [$0.words] } ?? []) + [
                style(.good, "verified:") + " receipt \(number) of \(log)", "  " + ReceiptText.line(receipt), "  " + signer(checkpoint),
            ]
        case .growth(let size):
            return [style(.good, "verified:") + " the first \(size) receipts stand unchanged in \(log)", "  " + signer(checkpoint)]
        }
    }

    /// As a key's text says it between its name and itself.
    private func signer(_ checkpoint: Checkpoint) -> String { "signed by the key \(Hex.encode(checkpoint.keyIdentifier)) of that name" }

    var json: JSON {
        var members: [(String, JSON)] = [("verified", .bool(findings.isEmpty)), ("findings", .array(findings.map(\.json)))]
        if let checkpoint {
            members += [
                ("log", .string(checkpoint.origin)), ("signed", JSON(Int64(clamping: checkpoint.size))),
                ("signer", .string(Hex.encode(checkpoint.keyIdentifier))),
            ]
        }
        switch claim {
        case .receipt(let line, let number)?:
            members += [("number", JSON(Int64(clamping: number))), ("receipt", (try? JSON(parsing: line)) ?? .null)]
        case .growth(let size)?: members.append(("from", JSON(Int64(clamping: size))))
        case nil: break
        }
        return .object(JSONObject(members))
    }
}

extension Custody {
    /// Who kept a log, and what that is worth.
    var words: String {
        switch self {
        case .daemon: "kept by the system's sandboxd"
        case .user: "kept by a user's own sandboxd: whoever holds that account could have written all of it"
        }
    }
}
