import CCrypto

/// HMAC-SHA-256 (RFC 2104) by libcrypto, under one key: what commits to a value without showing it.
public struct HMACSHA256: ~Copyable {
    private let context: OpaquePointer

    /// EVP_MAC_fetch(3) and one context, used again for every code.
    public init(key: [UInt8]) {
        precondition(!key.isEmpty, "a key has bytes")
        guard let algorithm = EVP_MAC_fetch(nil, "HMAC", nil), let context = EVP_MAC_CTX_new(algorithm) else {
            preconditionFailure("libcrypto has no HMAC")
        }
        EVP_MAC_free(algorithm)
        self.context = context
        Self.start(context, key)
    }

    deinit {
        EVP_MAC_CTX_free(context)
    }

    /// The code of one run of bytes.
    public mutating func code(_ bytes: UnsafeRawBufferPointer) -> Digest { code("", bytes) }

    /// The code of one run of bytes, behind a text that says what they are.
    public mutating func code(_ domain: StaticString, _ bytes: UnsafeRawBufferPointer) -> Digest {
        mustSucceed(EVP_MAC_init(context, nil, 0, nil))
        if domain.utf8CodeUnitCount > 0 { mustSucceed(EVP_MAC_update(context, domain.utf8Start, domain.utf8CodeUnitCount)) }
        mustSucceed(EVP_MAC_update(context, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count))
        var digest = Digest()
        var count = 0
        digest.withUnsafeMutableBytes { room in
            mustSucceed(EVP_MAC_final(context, room.bindMemory(to: UInt8.self).baseAddress, &count, room.count))
        }
        return digest
    }

    /// The code of one run of bytes.
    public mutating func code(_ bytes: [UInt8]) -> Digest {
        bytes.withUnsafeBytes { code("", $0) }
    }

    private static func start(_ context: OpaquePointer, _ key: [UInt8]) {
        var name = Array("SHA256".utf8CString)
        name.withUnsafeMutableBufferPointer { name in
            let parameters = [OSSL_PARAM_construct_utf8_string("digest", name.baseAddress, 0), OSSL_PARAM_construct_end()]
            mustSucceed(EVP_MAC_init(context, key, key.count, parameters))
        }
    }
}
