/// Ed25519 keys as `openssl genpkey -algorithm ed25519` and `openssl pkey -pubout` write them (RFC 8410): PEM around a structure of which only the
/// key itself varies. Any other spelling, a password, or what else may stand in such files is refused.
enum PEMKey {
    private static let privateStructure: [UInt8] = [
        0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
    ]
    private static let publicStructure: [UInt8] = [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00]

    /// The 32-byte seed of a private key.
    static func seed(_ text: String) -> [UInt8]? { content(text, "PRIVATE KEY", privateStructure, Ed25519.seedSize) }

    static func publicKey(_ text: String) -> [UInt8]? { content(text, "PUBLIC KEY", publicStructure, Ed25519.publicKeySize) }

    /// The SubjectPublicKeyInfo of a public key, in DER.
    static func subjectInfo(_ publicKey: [UInt8]) -> [UInt8] { publicStructure + publicKey }

    private static func content(_ text: String, _ label: String, _ structure: [UInt8], _ size: Int) -> [UInt8]? {
        let lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).map { String($0) ?? "" }
        guard lines.count == 3 || lines.count == 4 && lines[3].utf8.isEmpty, lines[0].utf8.elementsEqual("-----BEGIN \(label)-----".utf8),
            lines[2].utf8.elementsEqual("-----END \(label)-----".utf8), let bytes = Base64.decode(lines[1]),
            bytes.count == structure.count + size, bytes.starts(with: structure)
        else { return nil }
        return Array(bytes.dropFirst(structure.count))
    }
}
