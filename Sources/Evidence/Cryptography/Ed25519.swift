import CCrypto

/// Ed25519 signatures (RFC 8032) by libcrypto.
public enum Ed25519 {
    public static let seedSize = 32
    public static let publicKeySize = 32
    public static let signatureSize = 64

    /// The public key of a 32-byte seed.
    public static func publicKey(ofSeed seed: [UInt8]) -> [UInt8] {
        let key = privateKey(seed)
        defer { EVP_PKEY_free(key) }
        var bytes = [UInt8](repeating: 0, count: publicKeySize)
        var count = bytes.count
        mustSucceed(EVP_PKEY_get_raw_public_key(key, &bytes, &count))
        return bytes
    }

    /// The 64-byte signature of a message.
    public static func sign(_ message: [UInt8], seed: [UInt8]) -> [UInt8] {
        let key = privateKey(seed)
        defer { EVP_PKEY_free(key) }
        guard let context = EVP_MD_CTX_new() else { preconditionFailure("out of memory") }
        defer { EVP_MD_CTX_free(context) }
        mustSucceed(EVP_DigestSignInit_ex(context, nil, nil, nil, nil, key, nil))
        var signature = [UInt8](repeating: 0, count: signatureSize)
        var count = signature.count
        mustSucceed(EVP_DigestSign(context, &signature, &count, message, message.count))
        return signature
    }

    /// Whether the signature is the key's over this message. False for keys and signatures of a wrong size.
    public static func isValid(_ signature: [UInt8], of message: [UInt8], publicKey: [UInt8]) -> Bool {
        guard signature.count == signatureSize, publicKey.count == publicKeySize,
            let key = EVP_PKEY_new_raw_public_key_ex(nil, "ED25519", nil, publicKey, publicKey.count)
        else { return false }
        defer { EVP_PKEY_free(key) }
        guard let context = EVP_MD_CTX_new() else { preconditionFailure("out of memory") }
        defer { EVP_MD_CTX_free(context) }
        guard EVP_DigestVerifyInit_ex(context, nil, nil, nil, nil, key, nil) == 1 else { return false }
        return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }

    private static func privateKey(_ seed: [UInt8]) -> OpaquePointer {
        precondition(seed.count == seedSize)
        guard let key = EVP_PKEY_new_raw_private_key_ex(nil, "ED25519", nil, seed, seed.count) else {
            preconditionFailure("libcrypto has no Ed25519")
        }
        return key
    }
}
