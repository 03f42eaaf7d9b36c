import Glibc

/// SHA-256 by libcrypto, loaded when it is first needed (dlopen(3)): a finder starts for each session, and reads files for few of them.
struct LoadedSHA256: ~Copyable {
    private typealias Make = @convention(c) () -> OpaquePointer?
    private typealias Start = @convention(c) (OpaquePointer?, OpaquePointer?, OpaquePointer?) -> Int32
    private typealias Update = @convention(c) (OpaquePointer?, UnsafeRawPointer?, Int) -> Int32
    private typealias Finish = @convention(c) (OpaquePointer?, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<UInt32>?) -> Int32
    private typealias Free = @convention(c) (OpaquePointer?) -> Void

    private let context: OpaquePointer
    private let updating: Update
    private let finishing: Finish
    private let freeing: Free

    /// nil when the library, or one of its functions, is not there (EVP_DigestInit(3)).
    init?() {
        guard let library = dlopen("libcrypto.so.3", RTLD_NOW | RTLD_LOCAL),
            let make = Self.function(library, "EVP_MD_CTX_new", as: Make.self),
            let algorithm = Self.function(library, "EVP_sha256", as: Make.self),
            let start = Self.function(library, "EVP_DigestInit_ex", as: Start.self),
            let update = Self.function(library, "EVP_DigestUpdate", as: Update.self),
            let finish = Self.function(library, "EVP_DigestFinal_ex", as: Finish.self),
            let free = Self.function(library, "EVP_MD_CTX_free", as: Free.self), let context = make()
        else { return nil }
        guard start(context, algorithm(), nil) == 1 else {
            free(context)
            return nil
        }
        (self.context, updating, finishing, freeing) = (context, update, finish, free)
    }

    deinit { freeing(context) }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        precondition(updating(context, bytes.baseAddress, bytes.count) == 1, "libcrypto failed")
    }

    /// In lower-case hexadecimal; nothing may be added afterwards.
    mutating func finish() -> String {
        var bytes = [UInt8](repeating: 0, count: 32)
        precondition(finishing(context, &bytes, nil) == 1, "libcrypto failed")
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private static func function<Signature>(_ library: UnsafeMutableRawPointer, _ name: String, as type: Signature.Type) -> Signature? {
        dlsym(library, name).map { unsafeBitCast($0, to: type) }
    }
}
