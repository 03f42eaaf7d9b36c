import Descriptors
import Evidence
import StrictJSON

/// A DSSE envelope around an in-toto statement about receipts.
struct AttestationFile {
    private let bytes: [UInt8]

    /// nil for a file that does not say that it is one.
    init?(_ bytes: [UInt8]) {
        guard DSSEEnvelope.isMarked(bytes) || (try? JSON(parsing: bytes)) == nil && Self.isSimilar(bytes) else { return nil }
        self.bytes = bytes
    }

    /// What is no strict JSON, and has the members of an envelope by name: it must not pass for something else.
    private static func isSimilar(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes.prefix(1 << 20), as: UTF8.self)
        return text.contains("\"payloadType\"") && text.contains("\"signatures\"")
    }

    /// `keys`: the log's, known from elsewhere. `log`: a log, or a bundle of all of it, that is held against the subject.
    func verdict(_ issuers: IssuerKeys, keys: [VerifierKey], log: String?) -> AttestationVerdict {
        do throws(AttestationProblem) {
            let (statement, predicate) = try read(issuers)
            return AttestationVerdict(
                statement, predicate, isKeyGiven: !keys.isEmpty, isLogCompared: log != nil,
                problems: problems(statement, predicate, keys.isEmpty ? [predicate.key] : keys, log))
        } catch {
            return AttestationVerdict(error)
        }
    }

    /// What is signed is read only after the signature was found to be good.
    private func read(_ issuers: IssuerKeys) throws(AttestationProblem) -> (InTotoStatement, ReceiptsPredicate) {
        let envelope: DSSEEnvelope
        do { envelope = try DSSEEnvelope(bytes) } catch { throw .envelope(error) }
        guard envelope.isSigned(by: issuers) else { throw .badSignature }
        guard envelope.payloadType.utf8.elementsEqual(InTotoStatement.mediaType.utf8) else { throw .otherPayload(envelope.payloadType) }
        let statement: InTotoStatement
        do { statement = try InTotoStatement(envelope.payload) } catch { throw .statement(error) }
        guard statement.predicateType.utf8.elementsEqual(ReceiptsPredicate.type.utf8) else {
            throw .otherPredicate(statement.predicateType)
        }
        do { return (statement, try ReceiptsPredicate(statement.predicate)) } catch { throw .predicate(error) }
    }

    private func problems(
        _ statement: InTotoStatement, _ predicate: ReceiptsPredicate, _ keys: [VerifierKey], _ log: String?
    ) -> [AttestationProblem] {
        var problems: [AttestationProblem] = []
        if !predicate.isVerified { problems.append(.unverifiedLog) }
        if !keys.contains(where: { predicate.checkpoint.isSigned(by: $0) }) { problems.append(.badCheckpoint) }
        if let proof = predicate.proof {
            problems += proof.findings(keys, file: "proof").map { .proof($0.problem) }
            problems += Self.compared(statement, predicate, [proof.receipt])
        } else if predicate.selection["receipt"] != nil {
            problems.append(.missingProof)
        }
        if let log { problems += compared(statement, predicate, log) }
        return problems
    }

    private static func compared(_ statement: InTotoStatement, _ predicate: ReceiptsPredicate, _ lines: [[UInt8]]) -> [AttestationProblem] {
        var tally = ReceiptTally()
        let receipts = lines.compactMap { ExportedReceipt($0) }
        for receipt in receipts { tally.take(receipt) }
        let problems = compared(statement, predicate, &tally)
        return receipts.allSatisfy({ $0.custody.map(predicate.custodies.contains) ?? false }) ? problems : problems + [.otherClaims]
    }

    private static func compared(
        _ statement: InTotoStatement, _ predicate: ReceiptsPredicate, _ tally: inout ReceiptTally
    ) -> [AttestationProblem] {
        var problems: [AttestationProblem] = []
        if statement.subjects.map(\.digest) != [tally.digest()] { problems.append(.otherReceipts) }
        if predicate.receipts != tally.receipts || predicate.documents != tally.documents { problems.append(.otherClaims) }
        return problems
    }

    /// All that it says of the receipts, made anew from a log.
    private func compared(_ statement: InTotoStatement, _ predicate: ReceiptsPredicate, _ path: String) -> [AttestationProblem] {
        if let source = try? ReceiptSource(path), source.isFiltered { return [.filteredBundle] }
        guard let selection = ExportSelection(predicate.selection) else { return [.predicate(.invalidMember("selection"))] }
        var tally = ReceiptTally()
        var custodies: Set<Custody> = []
        do {
            try SignedLines.read(path, under: predicate.checkpoint) { _, line in
                guard let receipt = ExportedReceipt(line) else { return true }
                if let custody = receipt.custody { custodies.insert(custody) }
                if selection.takes(receipt) { tally.take(receipt) }
                return true
            }
        } catch {
            return [.log(error)]
        }
        let problems = Self.compared(statement, predicate, &tally)
        return predicate.custodies == custodies ? problems : problems + [.otherClaims]
    }
}
