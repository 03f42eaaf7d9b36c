import Evidence
import StrictJSON

/// What is read of logs and of what is signed about them: by anybody, from anybody.
enum EvidenceFuzz {
    /// A line of a log: the quick way accepts nothing that the strict one does not, and reads it alike.
    static func runLine(_ bytes: [UInt8]) throws(Contradiction) {
        let quick = bytes.withUnsafeBytes { ReceiptLine(scanning: $0) }
        let strict = try? ReceiptLine(bytes)
        guard let quick else { return }
        try Contradiction.unless(quick == strict, "a line is read differently by the quick way")
        try Contradiction.unless((try? JSON(parsing: bytes).canonical()) == bytes, "a line that is not canonical was accepted")
    }

    /// Checkpoints, proofs and keys in text: one spelling each.
    static func runProof(_ bytes: [UInt8]) throws(Contradiction) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return }
        if let checkpoint = Checkpoint(text: text) {
            try Contradiction.unless(checkpoint.text.utf8.elementsEqual(bytes), "a checkpoint has two spellings")
            _ = checkpoint.isSigned(by: key)
        }
        if let proof = ReceiptProof(text: text) {
            try Contradiction.unless(proof.text.utf8.elementsEqual(bytes), "a receipt's proof has two spellings")
            _ = proof.findings(key, file: "")
        }
        if let proof = ConsistencyProof(text: text) {
            try Contradiction.unless(proof.text.utf8.elementsEqual(bytes), "a proof of growth has two spellings")
            _ = proof.findings(since: proof.checkpoint, key, file: "")
        }
        if let key = VerifierKey(text: text) { try Contradiction.unless(key.text.utf8.elementsEqual(bytes), "a key has two spellings") }
    }

    /// What is left of segments: one spelling.
    static func runRoots(_ bytes: [UInt8]) throws(Contradiction) {
        guard let again = RootsReader.rewritten(bytes) else { return }
        try Contradiction.unless(again == bytes, "what is left of segments has two spellings")
    }

    /// A snapshot, whose last line is made anew: nobody comes upon a digest.
    static func runSnapshot(_ bytes: [UInt8]) throws(Contradiction) {
        guard let text = SnapshotReader.rewritten(bytes, signedBy: signer) else { return }
        let again = SnapshotReader.rewritten(text, signedBy: signer)
        try Contradiction.unless(again == text, "a snapshot reads as another one")
    }

    /// Keys of issuers, a zero byte, and an acta receipt.
    static func runActa(_ bytes: [UInt8]) throws(Contradiction) {
        let (first, second) = halves(bytes)
        let keys = IssuerKeys(first)
        guard let receipt = try? ActaReceipt(second) else { return }
        let again = (try? receipt.json.canonical()).flatMap { try? ActaReceipt($0) }
        try Contradiction.unless(again?.payload == receipt.payload && again?.issuer == receipt.issuer, "a receipt reads as another one")
        guard let keys else { return }
        var verification = ActaVerification(keys: keys)
        let problems = verification.judge(second)
        // Two of the same in a row: the second cannot follow the first, whose digest it would have to hold.
        try Contradiction.unless(!problems.isEmpty || !verification.judge(second).isEmpty, "a receipt follows itself")
    }

    /// A DSSE envelope, or a statement and what it says of receipts.
    static func runEnvelope(_ bytes: [UInt8]) throws(Contradiction) {
        if let envelope = try? DSSEEnvelope(bytes) {
            try Contradiction.unless(DSSEEnvelope.isMarked(bytes) || bytes.first != UInt8(ascii: "{"), "an envelope is not known as one")
            let again = try? DSSEEnvelope(envelope.json.encoded())
            try Contradiction.unless(again == envelope, "an envelope reads as another one")
            try statement(envelope.payload)
        }
        try statement(bytes)
    }

    private static func statement(_ bytes: [UInt8]) throws(Contradiction) {
        guard let statement = try? InTotoStatement(bytes) else { return }
        let again = try? InTotoStatement(statement.json.encoded())
        try Contradiction.unless(again == statement, "a statement reads as another one")
        guard let predicate = try? ReceiptsPredicate(statement.predicate) else { return }
        try Contradiction.unless((try? ReceiptsPredicate(predicate.json)) == predicate, "a predicate reads as another one")
    }

    private static let signer: SigningKey = {
        guard let key = SigningKey(seed: [UInt8](0..<32)) else { preconditionFailure("32 bytes are a seed") }
        return key
    }()

    private static var key: VerifierKey { signer.verifier }
}
