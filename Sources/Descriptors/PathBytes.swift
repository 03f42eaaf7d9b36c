/// A path as the kernel takes it: bytes without NUL. A `String` for paths of our own, `[UInt8]` for what others named.
public protocol PathBytes {
    var pathBytes: [UInt8] { get }
}

extension String: PathBytes {
    public var pathBytes: [UInt8] { Array(utf8) }
}

extension Array: PathBytes where Element == UInt8 {
    public var pathBytes: [UInt8] { self }
}

extension PathBytes {
    /// The bytes NUL-ended. A path that holds NUL itself is `EINVAL`; the kernel would silently see a shorter one.
    func withNulEnded<Result>(_ body: (UnsafePointer<CChar>) throws(Errno) -> Result) throws(Errno) -> Result {
        var bytes = pathBytes
        if bytes.contains(0) { throw .invalid }
        bytes.append(0)
        return try bytes.withUnsafeBufferPointer { buffer throws(Errno) in
            try buffer.withMemoryRebound(to: CChar.self) { characters throws(Errno) in
                guard let start = characters.baseAddress else { throw .invalid }
                return try body(start)
            }
        }
    }
}
