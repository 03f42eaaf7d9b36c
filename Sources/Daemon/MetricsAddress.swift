import Descriptors
import Glibc

/// Where metrics are served: a unix socket, or a port of loopback. Nowhere else: there is no key to them.
enum MetricsAddress: Sendable, Hashable {
    case unix(String)
    /// 127.0.0.1
    case four(port: UInt16)
    /// ::1
    case six(port: UInt16)

    /// `unix:PATH`, `127.0.0.1:PORT` or `[::1]:PORT`; nil for anything else.
    init?(text: String) {
        if let path = Self.rest(of: text, behind: "unix:") {
            guard path.hasPrefix("/"), path.utf8.count < 108, !path.utf8.contains(0) else { return nil }
            self = .unix(path)
        } else if let port = Self.port(Self.rest(of: text, behind: "127.0.0.1:")) {
            self = .four(port: port)
        } else if let port = Self.port(Self.rest(of: text, behind: "[::1]:")) {
            self = .six(port: port)
        } else {
            return nil
        }
    }

    private static func rest(of text: String, behind prefix: String) -> String? {
        text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : nil
    }

    /// Digits, and not 0.
    private static func port(_ text: String?) -> UInt16? {
        guard let text, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(text), port > 0 else { return nil }
        return port
    }

    var text: String {
        switch self {
        case .unix(let path): "unix:\(path)"
        case .four(let port): "127.0.0.1:\(port)"
        case .six(let port): "[::1]:\(port)"
        }
    }

    /// socket(2), bind(2), listen(2) at a port of loopback; nil for a path.
    func listenOnLoopback() throws(Errno) -> OwnedDescriptor? {
        switch self {
        case .unix: return nil
        case .four(let port):
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
            return try Self.listen(AF_INET, address)
        case .six(let port):
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            withUnsafeMutableBytes(of: &address.sin6_addr) { $0[15] = 1 }
            return try Self.listen(AF_INET6, address)
        }
    }

    private static func listen<Address>(_ family: Int32, _ address: Address) throws(Errno) -> OwnedDescriptor {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let number = socket(family, kind, 0)
        guard number >= 0 else { throw .last }
        let listener = OwnedDescriptor(owning: number)
        var one: Int32 = 1
        // The port of a daemon that ended just now is free at once.
        guard setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size)) == 0 else { throw .last }
        let isBound = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(number, $0, socklen_t(MemoryLayout<Address>.size)) == 0 }
        }
        guard isBound, Glibc.listen(number, 16) == 0 else { throw .last }
        return listener
    }
}
