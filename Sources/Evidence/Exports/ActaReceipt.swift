public import StrictJSON

/// A receipt of draft-farley-acta-signed-receipts, in its envelope shape (section 2.1): `{payload, signature: {alg, kid, sig}}`. Ed25519 signs the
/// canonical form (RFC 8785) of the payload and nothing around it; `sig` is lower-case hexadecimal.
public struct ActaReceipt: Hashable, Sendable {
    public let payload: JSONObject
    /// The `kid`.
    public let issuer: String
    let signature: [UInt8]
    /// What is signed.
    let message: [UInt8]
    /// Of the canonical form of the whole receipt, signature included: what the next one names (section 5.7 of -02, 6.7 of -03).
    public let digest: Digest

    public static let algorithm = "EdDSA"
    /// The member that links to what stands before; -03 writes `sha256:` before the digits, -02 did not.
    static let link = "previousReceiptHash"
    static let linkPrefix = "sha256:"

    /// Signs a payload. Errors: a number in it that has no canonical form.
    public init(signing payload: JSONObject, with key: ExporterKey) throws(JSONCanonicalError) {
        message = try JSON.object(payload).canonical()
        self.payload = payload
        issuer = key.issuer
        signature = key.sign(message)
        digest = SHA256.digest(try Self.json(payload, issuer, signature).canonical())
    }

    /// Reads a receipt and what the profile asks of its form; its signature is not looked at.
    public init(_ bytes: [UInt8]) throws(ActaProblem) {
        let json: JSON
        do { json = try JSON(parsing: bytes) } catch { throw .notJSON(error) }
        try Self.refuseOthers(json)
        guard let payload = json["payload"] else { throw .missingMember("payload") }
        guard let content = payload.object else { throw .invalidMember("payload") }
        guard json["signature"] != nil else { throw .missingMember("signature") }
        (issuer, signature) = try Self.signature(json)
        self.payload = content
        try Self.check(content, issuer)
        do {
            message = try payload.canonical()
            digest = SHA256.digest(try json.canonical())
        } catch {
            throw .inexactNumber(error)
        }
    }

    /// Whether bytes say that they are such a receipt, or one of its relatives.
    public static func isMarked(_ json: JSON) -> Bool {
        json["payload"] != nil && json["signature"] != nil || json["receipt_version"] != nil && json["signature"] != nil
    }

    /// Told apart by shape before anything is computed: each signs other bytes, and none may be judged by the rule of another.
    private static func refuseOthers(_ json: JSON) throws(ActaProblem) {
        if json["anchors"] != nil { throw .unsupported(.complianceProfile) }
        if json["receipt_version"] != nil || json["pubkey"] != nil, json["signature"]?.string != nil { throw .unsupported(.olderShape) }
    }

    private static func signature(_ json: JSON) throws(ActaProblem) -> (issuer: String, bytes: [UInt8]) {
        guard let signature = json["signature"]?.object else { throw .invalidMember("signature") }
        for name in ["alg", "kid", "sig"] where signature[name] == nil { throw .missingMember("signature.\(name)") }
        guard let algorithm = signature["alg"]?.string else { throw .invalidMember("signature.alg") }
        guard let issuer = signature["kid"]?.string, !issuer.utf8.isEmpty else { throw .invalidMember("signature.kid") }
        guard let text = signature["sig"]?.string else { throw .invalidMember("signature.sig") }
        guard algorithm.utf8.elementsEqual(Self.algorithm.utf8) else { throw .unsupported(.algorithm(algorithm)) }
        guard let bytes = Hex.decode(text), bytes.count == Ed25519.signatureSize else { throw .invalidMember("signature.sig") }
        return (issuer, bytes)
    }

    /// A payload with a `type` has all that section 2.2 requires. One without is an attestation in the same envelope, of which nothing but the
    /// signature is judged; to leave the type out afterwards breaks the signature.
    private static func check(_ payload: JSONObject, _ issuer: String) throws(ActaProblem) {
        if payload["signature"] != nil { throw .signatureInPayload }
        if let link = payload[link], link.string.flatMap(linked) == nil { throw .invalidMember(Self.link) }
        guard let type = payload["type"] else { return }
        guard let name = type.string, name.utf8.contains(UInt8(ascii: ":")) else { throw .invalidMember("type") }
        for name in ["issued_at", "issuer_id"] where payload[name] == nil { throw .missingMember(name) }
        guard payload["issued_at"]?.string.flatMap({ Moment($0) }) != nil else { throw .invalidMember("issued_at") }
        guard payload["issuer_id"] == .string(issuer) else { throw .otherIssuer }
    }

    private static func linked(_ text: String) -> Digest? {
        Digest(
            hex: text.utf8.starts(with: linkPrefix.utf8)
                ? String(decoding: Array(text.utf8.dropFirst(linkPrefix.utf8.count)), as: UTF8.self) : text)
    }

    /// The digest of what stands before; nil for the first of a chain.
    public var previous: Digest? { payload[Self.link]?.string.flatMap(Self.linked) }

    /// The namespaced type; nil for an attestation in the same envelope.
    public var type: String? { payload["type"]?.string }

    /// What is wrong with its signature.
    func signatureProblem(_ keys: IssuerKeys) -> ActaProblem? {
        do {
            let (publicKey, entry) = try keys.entry(named: issuer)
            guard Ed25519.isValid(signature, of: message, publicKey: publicKey) else { return .badSignature }
            guard entry.begin != nil || entry.end != nil else { return nil }
            guard let moment = payload["issued_at"]?.string.flatMap({ Moment($0) }), entry.contains(moment) else { return .outsideWindow }
            return nil
        } catch {
            switch error {
            case .unknown: return .unknownKey(issuer)
            case .otherKind: return .unsupported(.key(issuer))
            }
        }
    }

    public var json: JSON { Self.json(payload, issuer, signature) }

    private static func json(_ payload: JSONObject, _ issuer: String, _ signature: [UInt8]) -> JSON {
        [
            "payload": .object(payload),
            "signature": ["alg": .string(algorithm), "kid": .string(issuer), "sig": .string(Hex.encode(signature))],
        ]
    }
}
