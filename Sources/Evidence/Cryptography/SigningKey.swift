/// A log's private key. Kept in the text form that Go's note package uses for signers: `PRIVATE+KEY+NAME+HASH+BASE64`.
public struct SigningKey: Sendable {
    public let verifier: VerifierKey
    private let seed: [UInt8]

    /// A key from its seed. Without a name it takes one from its own public key, so that two logs never share one.
    public init?(name: String? = nil, seed: [UInt8], algorithm: SignatureAlgorithm = .ed25519) {
        guard seed.count == algorithm.seedSize else { return nil }
        let publicKey = algorithm.publicKey(ofSeed: seed)
        let ownName = "sandboxd/" + Hex.encode(SHA256.digest(publicKey).bytes.prefix(8))
        guard let verifier = VerifierKey(name: name ?? ownName, publicKey: publicKey, algorithm: algorithm) else { return nil }
        self.verifier = verifier
        self.seed = seed
    }

    /// A new random key.
    public init(generatingNamed name: String? = nil, algorithm: SignatureAlgorithm = .ed25519) throws(LogError) {
        guard let key = SigningKey(name: name, seed: SecureRandom.bytes(algorithm.seedSize), algorithm: algorithm) else {
            throw .invalidKeyName
        }
        self = key
    }

    public func sign(_ message: [UInt8]) -> [UInt8] {
        verifier.algorithm.sign(message, seed: seed)
    }

    /// Reads the text form of the private key, with or without a line feed behind it. Errors: `malformedKey` when anything about it is off,
    /// `unknownAlgorithm`.
    public init(parsing text: String) throws(LogError) {
        let text = text.utf8.last == 0x0A ? String(decoding: text.utf8.dropLast(), as: UTF8.self) : text
        guard text.utf8.starts(with: Self.prefix.utf8), let rest = String(text.utf8.dropFirst(Self.prefix.utf8.count)) else {
            throw .malformedKey
        }
        let parts = rest.utf8.split(separator: UInt8(ascii: "+"), maxSplits: 2, omittingEmptySubsequences: false).map { String($0) ?? "" }
        guard parts.count == 3, let bytes = Base64.decode(parts[2]), let type = bytes.first else { throw .malformedKey }
        guard let algorithm = SignatureAlgorithm(rawValue: type) else { throw .unknownAlgorithm(type) }
        guard let key = SigningKey(name: parts[0], seed: Array(bytes.dropFirst()), algorithm: algorithm),
            Hex.encode(key.verifier.identifier).utf8.elementsEqual(parts[1].utf8)
        else { throw .malformedKey }
        self = key
    }

    /// The same; nil where that fails.
    init?(text: String) {
        guard text.utf8.last != 0x0A, let key = try? SigningKey(parsing: text) else { return nil }
        self = key
    }

    /// Whoever has this text signs for the log.
    public var text: String {
        "\(Self.prefix)\(verifier.name)+\(Hex.encode(verifier.identifier))+\(Base64.encode([verifier.algorithm.rawValue] + seed))"
    }

    private static let prefix = "PRIVATE+KEY+"
}
