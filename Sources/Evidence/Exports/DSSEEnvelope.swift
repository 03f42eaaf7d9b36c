public import StrictJSON

/// A payload and signatures over it and its type (DSSE 1.0.2, https://github.com/secure-systems-lab/dsse).
public struct DSSEEnvelope: Hashable, Sendable {
    public struct Signature: Hashable, Sendable {
        /// A hint that nothing vouches for: it is shown, not used.
        public let keyID: String?
        let bytes: [UInt8]
    }

    /// Why bytes are no envelope.
    public enum Problem: Error, Hashable, Sendable {
        case notJSON(JSONError)
        case missingMember(String)
        case invalidMember(String)
    }

    public let payloadType: String
    public let payload: [UInt8]
    public let signatures: [Signature]

    private static let signatureLimit = 16

    /// Seals a payload with one signature.
    public init(sealing payload: [UInt8], type: String, with key: ExporterKey) {
        payloadType = type
        self.payload = payload
        signatures = [Signature(keyID: key.identifier, bytes: key.sign(Self.signed(type, payload)))]
    }

    /// Reads an envelope; nothing is judged. Members that it does not know are passed over, as the specification asks.
    public init(_ bytes: [UInt8]) throws(Problem) {
        let json: JSON
        do { json = try JSON(parsing: bytes, limits: Self.limits) } catch { throw .notJSON(error) }
        guard json["payloadType"] != nil else { throw .missingMember("payloadType") }
        guard let type = json["payloadType"]?.string, !type.utf8.isEmpty else { throw .invalidMember("payloadType") }
        guard let payload = json["payload"] else { throw .missingMember("payload") }
        guard let content = payload.string.flatMap({ Base64.decode(anyAlphabet: $0) }) else { throw .invalidMember("payload") }
        guard let list = json["signatures"] else { throw .missingMember("signatures") }
        let signatures = (list.array ?? []).compactMap { Signature($0) }
        guard !signatures.isEmpty, signatures.count == list.array?.count, signatures.count <= Self.signatureLimit else {
            throw .invalidMember("signatures")
        }
        payloadType = type
        self.payload = content
        self.signatures = signatures
    }

    /// Room for a statement's, in base64.
    private static let limits = JSONLimits(bytes: 8 << 20)

    /// Whether bytes say that they are an envelope.
    public static func isMarked(_ bytes: [UInt8]) -> Bool {
        guard bytes.first == UInt8(ascii: "{"), let json = try? JSON(parsing: bytes, limits: limits) else { return false }
        return json["payloadType"] != nil && json["signatures"] != nil
    }

    public var json: JSON {
        [
            "payload": .string(Base64.encode(payload)), "payloadType": .string(payloadType),
            "signatures": .array(
                signatures.map { signature in
                    let sig = ("sig", JSON.string(Base64.encode(signature.bytes)))
                    return .object(JSONObject((signature.keyID.map { [("keyid", .string($0))] } ?? []) + [sig]))
                }),
        ]
    }

    /// Whether one of these keys signed it.
    public func isSigned(by keys: IssuerKeys) -> Bool {
        let message = Self.signed(payloadType, payload)
        return signatures.contains { signature in
            keys.publicKeys.contains { Ed25519.isValid(signature.bytes, of: message, publicKey: $0) }
        }
    }

    /// What is signed: `DSSEv1 LENGTH TYPE LENGTH BODY`, lengths in bytes, decimal.
    static func signed(_ type: String, _ body: [UInt8]) -> [UInt8] {
        Array("DSSEv1 \(type.utf8.count) \(type) \(body.count) ".utf8) + body
    }
}

extension DSSEEnvelope.Signature {
    fileprivate init?(_ json: JSON) {
        guard let bytes = json["sig"]?.string.flatMap({ Base64.decode(anyAlphabet: $0) }) else { return nil }
        if let keyID = json["keyid"] {
            guard let text = keyID.string else { return nil }
            self.keyID = text
        } else {
            keyID = nil
        }
        self.bytes = bytes
    }
}
