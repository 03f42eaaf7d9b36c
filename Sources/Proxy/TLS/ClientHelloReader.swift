public import Policy

/// Reads the beginning of a TLS connection as far as the name that it asks for: a ClientHello in one record or many (RFC 8446 sections 4.1.2
/// and 5.1, RFC 6066 section 3).
public struct ClientHelloReader: Sendable {
    public enum Progress: Sendable, Hashable {
        case needsMore
        case names(HostName)
    }

    /// A post-quantum key share makes some 2 KiB; tickets and padding some more.
    private static let longest = 32 << 10

    private var handshake: [UInt8] = []
    /// Bytes of the input that were taken into `handshake`, whole records only.
    private var taken = 0

    public init() {}

    /// Looks at all bytes since the beginning of the connection. Errors: `notTLS`, `noName`, `hiddenName`, `badName`, `address`, `tooLong`.
    public mutating func read(_ bytes: [UInt8]) throws(ProxyRefusal) -> Progress {
        while try takeRecord(bytes) {
            if let length = try messageLength(), handshake.count >= length {
                return .names(try ClientHello(handshake[4..<length]).name)
            }
        }
        return .needsMore
    }

    /// A record whose head says already that it is none of a ClientHello is not waited for.
    private mutating func takeRecord(_ bytes: [UInt8]) throws(ProxyRefusal) -> Bool {
        let head = bytes[min(taken, bytes.count)...].prefix(5)
        let start = head.startIndex
        if head.count > 0, head[start] != 22 { throw .notTLS }
        if head.count > 1, head[start + 1] != 3 { throw .notTLS }
        guard head.count == 5 else { return false }
        let length = Int(head[start + 3]) << 8 | Int(head[start + 4])
        guard (1...(1 << 14)).contains(length), head[start + 2] <= 4 else { throw .notTLS }
        guard bytes.count >= taken + 5 + length else { return false }
        handshake += bytes[(taken + 5)..<(taken + 5 + length)]
        taken += 5 + length
        guard handshake.count <= Self.longest + 4 else { throw .tooLong }
        return true
    }

    private func messageLength() throws(ProxyRefusal) -> Int? {
        if let kind = handshake.first, kind != 1 { throw .notTLS }
        guard handshake.count >= 4 else { return nil }
        let length = Int(handshake[1]) << 16 | Int(handshake[2]) << 8 | Int(handshake[3])
        guard length <= Self.longest else { throw .tooLong }
        return 4 + length
    }
}
