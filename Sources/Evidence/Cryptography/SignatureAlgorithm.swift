/// How notes are signed. A byte names it in a key's text (C2SP signed-note), and so in whatever a key is looked up by.
///
/// Of what libcrypto 3.0 has, notes know Ed25519 alone. Another, as ML-DSA-65 where libcrypto is 3.5 or later, is one more case here.
public enum SignatureAlgorithm: UInt8, CaseIterable, Hashable, Sendable {
    case ed25519 = 0x01

    /// Bytes of the secret that a key pair is made from.
    public var seedSize: Int {
        switch self {
        case .ed25519: Ed25519.seedSize
        }
    }

    public var publicKeySize: Int {
        switch self {
        case .ed25519: Ed25519.publicKeySize
        }
    }

    public var signatureSize: Int {
        switch self {
        case .ed25519: Ed25519.signatureSize
        }
    }

    func publicKey(ofSeed seed: [UInt8]) -> [UInt8] {
        switch self {
        case .ed25519: Ed25519.publicKey(ofSeed: seed)
        }
    }

    func sign(_ message: [UInt8], seed: [UInt8]) -> [UInt8] {
        switch self {
        case .ed25519: Ed25519.sign(message, seed: seed)
        }
    }

    /// False for keys and signatures of a wrong size, too.
    func isValid(_ signature: [UInt8], of message: [UInt8], publicKey: [UInt8]) -> Bool {
        switch self {
        case .ed25519: Ed25519.isValid(signature, of: message, publicKey: publicKey)
        }
    }
}
