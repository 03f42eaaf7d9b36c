/// The Ed25519 key of whoever exports: it says who vouches for what left the log, and is never the log's.
///
/// The log's key signs checkpoints (and its own succession) and nothing else, so that a signature of it means one thing. What is exported is made
/// of names and texts from outside, and an exporter needs no right to the log but to read it; so whoever exports signs with a key of their own,
/// which may lie elsewhere than the log does, and the log's own word goes along as a checkpoint.
public struct ExporterKey: Sendable {
    /// 32 bytes.
    public let publicKey: [UInt8]
    private let seed: [UInt8]

    /// Reads what `openssl genpkey -algorithm ed25519` writes; nil for anything else.
    public init?(pem text: String) {
        guard let seed = PEMKey.seed(text) else { return nil }
        self.init(seed: seed)
    }

    /// nil unless there are 32 bytes.
    public init?(seed: [UInt8]) {
        guard seed.count == Ed25519.seedSize else { return nil }
        self.seed = seed
        publicKey = Ed25519.publicKey(ofSeed: seed)
    }

    func sign(_ message: [UInt8]) -> [UInt8] { Ed25519.sign(message, seed: seed) }

    /// SHA-256 of the SubjectPublicKeyInfo, hexadecimal: what `openssl pkey -pubout -outform DER | sha256sum` prints.
    public var identifier: String { SHA256.digest(PEMKey.subjectInfo(publicKey)).hex }

    /// `sb:issuer:` and 12 characters, as draft-farley-acta-signed-receipts section 2.1.1 recommends.
    public var issuer: String { "sb:issuer:" + Base58.encode(publicKey).prefix(12) }
}
