import CCrypto

/// The library as a whole.
public enum LibCrypto {
    /// Starts libcrypto without its configuration file, which could name modules to load (OPENSSL_init_crypto(3)). To be called by a
    /// program before anything else here; later it is without effect.
    public static func start() {
        mustSucceed(OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_LOAD_CONFIG), nil))
    }
}
