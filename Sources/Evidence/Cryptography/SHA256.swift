import CCrypto

/// SHA-256 (FIPS 180-4) by libcrypto. One context is kept and used again for every digest.
public struct SHA256: ~Copyable {
    private let context: OpaquePointer
    /// EVP_MD_fetch(3) once per process.
    private nonisolated(unsafe) static let algorithm: OpaquePointer = {
        guard let algorithm = EVP_MD_fetch(nil, "SHA256", nil) else { preconditionFailure("libcrypto has no SHA-256") }
        return algorithm
    }()

    public init() {
        guard let context = EVP_MD_CTX_new() else { preconditionFailure("out of memory") }
        self.context = context
        start()
    }

    deinit {
        EVP_MD_CTX_free(context)
    }

    /// Adds bytes to the digest that is being made.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        mustSucceed(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count))
    }

    /// Adds bytes to the digest that is being made.
    public mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// The digest of all that was added; the next one begins.
    public mutating func finish() -> Digest {
        var digest = Digest()
        digest.withUnsafeMutableBytes { room in
            mustSucceed(EVP_DigestFinal_ex(context, room.bindMemory(to: UInt8.self).baseAddress, nil))
        }
        start()
        return digest
    }

    /// The digest of one run of bytes.
    public static func digest(_ bytes: [UInt8]) -> Digest {
        var hash = SHA256()
        hash.update(bytes)
        return hash.finish()
    }

    private func start() {
        mustSucceed(EVP_DigestInit_ex2(context, Self.algorithm, nil))
    }
}

/// libcrypto fails here only for want of memory or by our mistake.
func mustSucceed(_ result: Int32) {
    precondition(result == 1, "libcrypto failed")
}
