/// The public half of a signing key, in the form of C2SP signed notes: `NAME+HASH+BASE64`.
public struct VerifierKey: Hashable, Sendable {
    /// The signer's name, which is also the log's origin.
    public let name: String
    public let algorithm: SignatureAlgorithm
    /// As many bytes as the algorithm's keys have.
    public let publicKey: [UInt8]

    /// Why a text is no key that can be used here.
    public enum Problem: Error, Hashable, Sendable {
        case malformed
        /// It is a key, of an algorithm that this version does not have.
        case unknownAlgorithm(UInt8)
    }

    /// nil for a name that cannot stand in a note, or a key of a wrong size.
    public init?(name: String, publicKey: [UInt8], algorithm: SignatureAlgorithm = .ed25519) {
        guard Self.isName(name), publicKey.count == algorithm.publicKeySize else { return nil }
        self.name = name
        self.algorithm = algorithm
        self.publicKey = publicKey
    }

    /// Reads the text form; nil when anything about it is off, the hash included.
    public init?(text: String) {
        guard let key = try? VerifierKey(parsing: text) else { return nil }
        self = key
    }

    /// The same, and says whether it only is of an algorithm that is not known.
    public init(parsing text: String) throws(Problem) {
        let parts = text.utf8.split(separator: UInt8(ascii: "+"), maxSplits: 2, omittingEmptySubsequences: false).map { String($0) ?? "" }
        guard parts.count == 3, Self.isName(parts[0]), let bytes = Base64.decode(parts[2]), let type = bytes.first,
            Hex.encode(Self.identifier(parts[0], bytes)).utf8.elementsEqual(parts[1].utf8)
        else { throw .malformed }
        guard let algorithm = SignatureAlgorithm(rawValue: type) else { throw .unknownAlgorithm(type) }
        guard let key = VerifierKey(name: parts[0], publicKey: Array(bytes.dropFirst()), algorithm: algorithm) else { throw .malformed }
        self = key
    }

    public var text: String { "\(name)+\(Hex.encode(identifier))+\(Base64.encode(typedKey))" }

    /// The first four bytes of SHA-256(name || LF || algorithm || key): which key a signature line is of.
    public var identifier: [UInt8] { Self.identifier(name, typedKey) }

    /// Whether the signature is this key's over the message.
    func isValid(_ signature: [UInt8], of message: [UInt8]) -> Bool { algorithm.isValid(signature, of: message, publicKey: publicKey) }

    private var typedKey: [UInt8] { [algorithm.rawValue] + publicKey }

    private static func identifier(_ name: String, _ typedKey: [UInt8]) -> [UInt8] {
        Array(SHA256.digest(Array(name.utf8) + [0x0A] + typedKey).bytes.prefix(4))
    }

    /// Printable, without white space and `+`.
    static func isName(_ name: String) -> Bool {
        !name.utf8.isEmpty && name.utf8.count <= 255 && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "+") }
    }
}
