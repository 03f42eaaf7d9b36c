import Descriptors
import Evidence
import StrictJSON

/// Why an attestation of receipts does not verify.
enum AttestationProblem: Error, Sendable, Hashable {
    case envelope(DSSEEnvelope.Problem)
    case badSignature
    case otherPayload(String)
    case statement(InTotoStatement.Problem)
    case otherPredicate(String)
    case predicate(ReceiptsPredicate.Problem)
    /// It says itself that the log did not verify.
    case unverifiedLog
    case badCheckpoint
    case proof(Finding.Problem)
    case missingProof
    case log(SignedLines.Problem)
    /// A bundle of some receipts cannot show what a log has.
    case filteredBundle
    /// The subject is not what is proven, or what the log has.
    case otherReceipts
    /// Counts, documents or custody are not those of the receipts.
    case otherClaims

    /// Stable, for JSON; and a sentence.
    var words: (code: String, message: String) {
        switch self {
        case .envelope(.notJSON(let error)): ("not-json", "is not strict JSON: \(error.kind.rawValue) at byte \(error.offset)")
        case .envelope(.missingMember(let name)): ("missing-member", "the envelope lacks \(Escaping.quoted(name))")
        case .envelope(.invalidMember(let name)):
            ("invalid-member", "the envelope has a value in \(Escaping.quoted(name)) that it cannot have")
        case .badSignature: ("bad-signature", "none of the keys given signed it")
        case .otherPayload(let type): ("other-payload", "is about \(Escaping.quoted(type)), not an in-toto statement")
        case .statement(.notJSON(let error)):
            ("statement-not-json", "the statement is not strict JSON: \(error.kind.rawValue) at byte \(error.offset)")
        case .statement(.missingMember(let name)): ("missing-member", "the statement lacks \(Escaping.quoted(name))")
        case .statement(.invalidMember(let name)):
            ("invalid-member", "the statement has a value in \(Escaping.quoted(name)) that it cannot have")
        case .otherPredicate(let type): ("other-predicate", "says something of type \(Escaping.quoted(type)), which is not judged here")
        case .predicate(.missingMember(let name)): ("missing-member", "the predicate lacks \(Escaping.quoted(name))")
        case .predicate(.invalidMember(let name)):
            ("invalid-member", "the predicate has a value in \(Escaping.quoted(name)) that it cannot have")
        case .unverifiedLog: ("unverified-log", "says itself that the log did not verify when it was exported")
        case .badCheckpoint: ("bad-checkpoint", "the checkpoint in it is not signed by the log's key")
        case .proof(let problem): ("proof-" + FindingWords(problem).code, "its proof: " + FindingWords(problem).message)
        case .missingProof: ("missing-proof", "is about one receipt and does not prove it")
        case .log(.system(let error)): ("unreadable-log", "the log given cannot be read: \(ErrnoWords.text(error.name))")
        case .log(.short(let found)): ("short-log", "the log given has only \(found) receipts")
        case .log(.changed): ("other-log", "the log given is not the one that its checkpoint signs")
        case .filteredBundle: ("filtered-bundle", "the bundle given leaves receipts out, so that nothing can be compared: give the log")
        case .otherReceipts: ("other-receipts", "its subject is not what its proof, or the log given, has for this selection")
        case .otherClaims: ("other-claims", "what it counts and names is not what the receipts say")
        }
    }

    /// Shown to be wrong, or only not judged here.
    var isDisproof: Bool {
        switch self {
        case .otherPayload, .otherPredicate, .filteredBundle: false
        case .envelope, .badSignature, .statement, .predicate, .unverifiedLog, .badCheckpoint, .proof, .missingProof, .log,
            .otherReceipts, .otherClaims:
            true
        }
    }
}
