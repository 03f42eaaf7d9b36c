/// A signed statement of a log's size and root, as a C2SP tlog-checkpoint: a note of five lines.
public struct Checkpoint: Hashable, Sendable {
    public let origin: String
    public let size: UInt64
    public let root: Digest
    /// Which key (four bytes) and its signature, whose size the key's algorithm says.
    let signature: [UInt8]
    /// More than signatures of any algorithm have.
    private static let longestSignature = 16_384

    static let lineCount = 5

    /// Signs a size and root.
    init(size: UInt64, root: Digest, key: SigningKey) {
        origin = key.verifier.name
        self.size = size
        self.root = root
        signature = key.verifier.identifier + key.sign(Self.statement(origin, size, root))
    }

    /// The whole note.
    public var text: String {
        String(decoding: Self.statement(origin, size, root), as: UTF8.self) + "\n\u{2014} \(origin) \(Base64.encode(signature))\n"
    }

    /// Reads the note that `text` gives, and no other spelling; the signature is not looked at.
    public init?(text: String) {
        let lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).map { String($0) ?? "" }
        guard lines.count == Self.lineCount + 1, let size = UInt64(lines[1]),
            let root = Base64.decode(lines[2]).flatMap({ Digest(bytes: $0) }),
            let encoded = lines[4].split(separator: " ", omittingEmptySubsequences: false).last,
            let signature = Base64.decode(String(encoded)), (5...4 + Self.longestSignature).contains(signature.count),
            VerifierKey.isName(lines[0])
        else { return nil }
        origin = lines[0]
        self.size = size
        self.root = root
        self.signature = signature
        guard self.text.utf8.elementsEqual(text.utf8) else { return nil }
    }

    /// Which key signed it, as it says: the first four bytes of a hash (`VerifierKey.identifier`).
    public var keyIdentifier: [UInt8] { Array(signature.prefix(4)) }

    /// Whether this key signed it, under its own name.
    public func isSigned(by key: VerifierKey) -> Bool {
        origin.utf8.elementsEqual(key.name.utf8) && keyIdentifier == key.identifier
            && key.isValid(Array(signature.dropFirst(4)), of: Self.statement(origin, size, root))
    }

    private static func statement(_ origin: String, _ size: UInt64, _ root: Digest) -> [UInt8] {
        Array("\(origin)\n\(size)\n\(Base64.encode(root.bytes))\n".utf8)
    }
}
