/// The public half of a signing key, in the form of C2SP signed notes: `NAME+HASH+BASE64`.
public struct VerifierKey: Hashable, Sendable {
    /// The signer's name, which is also the log's origin.
    public let name: String
    /// 32 bytes.
    public let publicKey: [UInt8]

    /// Signature type Ed25519 (C2SP signed-note).
    static let algorithm: UInt8 = 0x01

    /// nil for a name that cannot stand in a note, or a key of a wrong size.
    public init?(name: String, publicKey: [UInt8]) {
        guard Self.isName(name), publicKey.count == Ed25519.publicKeySize else { return nil }
        self.name = name
        self.publicKey = publicKey
    }

    /// Reads the text form; nil when anything about it is off, the hash included.
    public init?(text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "+"), maxSplits: 2, omittingEmptySubsequences: false).map { String($0) ?? "" }
        guard parts.count == 3, let bytes = Base64.decode(parts[2]), bytes.first == Self.algorithm else { return nil }
        self.init(name: parts[0], publicKey: Array(bytes.dropFirst()))
        guard Hex.encode(identifier).utf8.elementsEqual(parts[1].utf8) else { return nil }
    }

    public var text: String { "\(name)+\(Hex.encode(identifier))+\(Base64.encode([Self.algorithm] + publicKey))" }

    /// The first four bytes of SHA-256(name || LF || algorithm || key): which key a signature line is of.
    public var identifier: [UInt8] {
        Array(SHA256.digest(Array(name.utf8) + [0x0A, Self.algorithm] + publicKey).bytes.prefix(4))
    }

    /// Printable, without white space and `+`.
    static func isName(_ name: String) -> Bool {
        !name.utf8.isEmpty && name.utf8.count <= 255 && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "+") }
    }
}
