import CLinux

/// Random bytes from the kernel (getrandom(2)).
public enum SecureRandom {
    public static func bytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let result = clx_random(&bytes, count)
        precondition(result == 0, "getrandom(2) cannot fail once the pool is ready")
        return bytes
    }
}
