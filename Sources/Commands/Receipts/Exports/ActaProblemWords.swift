import Evidence
import StrictJSON

/// What is wrong with an acta receipt, in words; what it says itself is foreign text.
struct ActaProblemWords: Sendable, Hashable {
    /// Stable, for JSON.
    let code: String
    let message: String

    private init(_ code: String, _ message: String) {
        self.code = code
        self.message = message
    }

    init(_ problem: ActaProblem) {
        self =
            switch problem {
            case .notJSON(let error): Self("not-json", "is not strict JSON: \(error.kind.rawValue) at byte \(error.offset)")
            case .inexactNumber: Self("inexact-number", "has a number that not all readers read alike")
            case .missingMember(let name): Self("missing-member", "lacks the member \(Escaping.quoted(name))")
            case .invalidMember(let name): Self("invalid-member", "has a value in \(Escaping.quoted(name)) that it cannot have")
            case .otherIssuer: Self("other-issuer", "`issuer_id` is not the `kid` that signed")
            case .signatureInPayload: Self("signature-in-payload", "has a member `signature` in what is signed")
            case .badSignature: Self("bad-signature", "is not signed by that issuer's key: something was changed, or it signs other bytes")
            case .brokenLink: Self("broken-link", "does not follow the receipt before it: one was changed, removed or added")
            case .missingLink: Self("missing-link", "names nothing before it, though it is not the first")
            case .outsideWindow: Self("outside-window", "was issued when its key was not valid")
            case .unsupported(.algorithm(let name)):
                Self("unsupported-algorithm", "is signed with \(Escaping.quoted(name)); `EdDSA` is judged")
            case .unsupported(.key(let name)): Self("unsupported-key", "the key \(Escaping.quoted(name)) is not of Ed25519")
            case .unsupported(.olderShape):
                Self("unsupported-shape", "has an older shape, which signs other bytes; the envelope of -02 and -03 is judged")
            case .unsupported(.complianceProfile):
                Self("unsupported-profile", "is of draft-marques-asqav-compliance-receipts, which has rules of its own")
            case .unknownKey(let name): Self("unknown-key", "is signed by \(Escaping.quoted(name)), of which `--issuer` has no key")
            }
    }
}
