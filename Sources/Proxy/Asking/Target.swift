public import Policy

/// Where a client wants to be connected to.
public struct Target: Sendable, Hashable {
    public var name: HostName
    public var port: UInt16

    public init(name: HostName, port: UInt16) {
        self.name = name
        self.port = port
    }

    /// `NAME:PORT`, or `NAME` where the port goes without saying.
    init(authority bytes: ArraySlice<UInt8>, port standard: UInt16? = nil) throws(ProxyRefusal) {
        guard bytes.first != UInt8(ascii: "[") else { throw .address }
        guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")) else {
            guard let standard else { throw .malformed }
            self.init(name: try Self.name(bytes), port: standard)
            return
        }
        guard let port = Self.port(bytes[(colon + 1)...]) else { throw .malformed }
        self.init(name: try Self.name(bytes[..<colon]), port: port)
    }

    static func name(_ bytes: ArraySlice<UInt8>) throws(ProxyRefusal) -> HostName {
        do { return try HostName(bytes) } catch { throw error == .address ? .address : .badName }
    }

    private static func port(_ bytes: ArraySlice<UInt8>) -> UInt16? {
        guard (1...5).contains(bytes.count), bytes.first != UInt8(ascii: "0") else { return nil }
        var value = 0
        for byte in bytes {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int(byte & 0xf)
        }
        return UInt16(exactly: value)
    }
}

extension Target: CustomStringConvertible {
    public var description: String { "\(name):\(port)" }
}
