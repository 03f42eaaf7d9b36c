import Descriptors

/// The log's Ed25519 key. Kept in the text form that Go's note package uses for signers: `PRIVATE+KEY+NAME+HASH+BASE64`.
public struct SigningKey: Sendable {
    public let verifier: VerifierKey
    private let seed: [UInt8]

    /// A key from its 32-byte seed. Without a name it takes one from its own public key, so that two logs never share one.
    public init?(name: String? = nil, seed: [UInt8]) {
        guard seed.count == Ed25519.seedSize else { return nil }
        let publicKey = Ed25519.publicKey(ofSeed: seed)
        let ownName = "sandboxd/" + Hex.encode(SHA256.digest(publicKey).bytes.prefix(8))
        guard let verifier = VerifierKey(name: name ?? ownName, publicKey: publicKey) else { return nil }
        self.verifier = verifier
        self.seed = seed
    }

    /// A new random key.
    public init(generatingNamed name: String? = nil) throws(LogError) {
        guard let key = SigningKey(name: name, seed: SecureRandom.bytes(Ed25519.seedSize)) else { throw .invalidKeyName }
        self = key
    }

    public func sign(_ message: [UInt8]) -> [UInt8] {
        Ed25519.sign(message, seed: seed)
    }

    /// Reads the text form of the private key; nil when anything about it is off.
    init?(text: String) {
        guard text.utf8.starts(with: Self.prefix.utf8), let rest = String(text.utf8.dropFirst(Self.prefix.utf8.count)) else { return nil }
        let parts = rest.utf8.split(separator: UInt8(ascii: "+"), maxSplits: 2, omittingEmptySubsequences: false).map { String($0) ?? "" }
        guard parts.count == 3, let bytes = Base64.decode(parts[2]), bytes.first == VerifierKey.algorithm else { return nil }
        self.init(name: parts[0], seed: Array(bytes.dropFirst()))
        guard Hex.encode(verifier.identifier).utf8.elementsEqual(parts[1].utf8) else { return nil }
    }

    var text: String {
        "\(Self.prefix)\(verifier.name)+\(Hex.encode(verifier.identifier))+\(Base64.encode([VerifierKey.algorithm] + seed))"
    }

    private static let prefix = "PRIVATE+KEY+"
}

extension SigningKey {
    /// The key kept in this directory; made on the first start, 0600, its public half beside it. The directory is made, 0700, where it is
    /// missing.
    public static func openOrCreate(in path: String, name: String? = nil) throws(LogError) -> SigningKey {
        let directory = try open(path)
        if let key = try read(in: directory) { return key }
        if try hasCheckpoints(directory) { throw .missingKey }
        let key = try SigningKey(generatingNamed: name)
        try key.keep(in: directory)
        return key
    }

    private static func open(_ path: String) throws(LogError) -> OwnedDescriptor {
        do throws(Errno) {
            try LogDirectory.make(path, in: WorkingDirectory())
            return try WorkingDirectory().open(path, .directory)
        } catch {
            throw .system(error)
        }
    }

    /// nil when there is none yet.
    private static func read(in directory: borrowing OwnedDescriptor) throws(LogError) -> SigningKey? {
        do throws(Errno) {
            guard let bytes = try directory.contents(of: LogFiles.key, limit: 4_096), bytes.last == 0x0A,
                let key = SigningKey(text: String(decoding: bytes.dropLast(), as: UTF8.self))
            else { throw .invalid }
            return key
        } catch {
            if error == .noEntry { return nil }
            throw error == .invalid ? .malformedKey : .system(error)
        }
    }

    /// Something was signed here: a new key would hide that the old one is gone.
    private static func hasCheckpoints(_ directory: borrowing OwnedDescriptor) throws(LogError) -> Bool {
        do {
            return try directory.status(of: LogFiles.checkpoints).size > 0
        } catch {
            if error == .noEntry { return false }
            throw .system(error)
        }
    }

    private func keep(in directory: borrowing OwnedDescriptor) throws(LogError) {
        do throws(Errno) {
            try Self.replace(LogFiles.publicKey, verifier.text + "\n", mode: 0o644, in: directory)
            try Self.replace(LogFiles.key, text + "\n", mode: 0o600, in: directory)
            try directory.synchronize()
        } catch {
            throw .system(error)
        }
    }

    /// Whole or not at all: written under another name, made durable, then renamed.
    private static func replace(_ name: String, _ text: String, mode: UInt32, in directory: borrowing OwnedDescriptor) throws(Errno) {
        let file = try directory.open(name + ".new", [.write, .create, .truncate], mode: mode)
        try file.setPermissions(mode)
        try file.writeWhole(text)
        try file.synchronize()
        try directory.rename(name + ".new", to: name)
    }
}
