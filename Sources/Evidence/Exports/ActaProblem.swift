public import StrictJSON

/// Why an acta receipt does not verify. Closed, so that each is explained where it is printed.
public enum ActaProblem: Error, Hashable, Sendable {
    // MARK: It is no receipt
    case notJSON(JSONError)
    /// A number in it has no canonical form: readers could disagree about what was signed.
    case inexactNumber(JSONCanonicalError)
    case missingMember(String)
    case invalidMember(String)
    /// `issuer_id` is not the `kid` of the signature.
    case otherIssuer
    /// The payload has a member `signature`, which no signing input may have.
    case signatureInPayload

    // MARK: It is not what it says
    case badSignature
    /// The link is not the digest of what stands before.
    case brokenLink
    /// Something stands before it, and it names nothing.
    case missingLink
    /// Its time is not in its key's.
    case outsideWindow

    // MARK: It cannot be judged
    case unsupported(Unsupported)
    /// No key of this name is known from elsewhere.
    case unknownKey(String)

    /// What is there, and not judged here.
    public enum Unsupported: Hashable, Sendable {
        /// Another than `EdDSA`.
        case algorithm(String)
        /// A key of another kind than Ed25519.
        case key(String)
        /// The older shapes `receipt_version` and `pubkey`, which sign other bytes.
        case olderShape
        /// draft-marques-asqav-compliance-receipts: a signature in base64, anchors, rules of its own.
        case complianceProfile
    }

    /// Shown to be wrong, or only not shown to be right.
    public var isDisproof: Bool {
        switch self {
        case .notJSON, .inexactNumber, .missingMember, .invalidMember, .otherIssuer, .signatureInPayload, .badSignature, .brokenLink,
            .missingLink, .outsideWindow:
            true
        case .unsupported, .unknownKey: false
        }
    }
}
