import Glibc
import Policy

/// A sockaddr of one of our receivers.
struct SocketAddress: Sendable {
    private var storage = sockaddr_storage()
    private let length: socklen_t
    let family: Int32

    init(_ address: IPAddress, port: UInt16) {
        switch address {
        case .v4(let value):
            family = AF_INET
            length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let own = sockaddr_in(
                sin_family: sa_family_t(AF_INET), sin_port: port.bigEndian, sin_addr: in_addr(s_addr: value.bigEndian),
                sin_zero: (0, 0, 0, 0, 0, 0, 0, 0))
            withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: own, as: sockaddr_in.self) }
        case .v6:
            family = AF_INET6
            length = socklen_t(MemoryLayout<sockaddr_in6>.size)
            var own = sockaddr_in6()
            own.sin6_family = sa_family_t(AF_INET6)
            own.sin6_port = port.bigEndian
            let bytes = address.mappedBytes
            withUnsafeMutableBytes(of: &own.sin6_addr) { $0.copyBytes(from: bytes) }
            let whole = own
            withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: whole, as: sockaddr_in6.self) }
        }
    }

    /// A unix socket by its path or, behind an `@`, its abstract name; nil when it is too long.
    init?(unix name: String) {
        family = AF_UNIX
        var bytes = Array(name.utf8)
        guard bytes.count < 108 else { return nil }
        let isAbstract = bytes.first == UInt8(ascii: "@")
        if isAbstract { bytes[0] = 0 } else { bytes.append(0) }
        length = socklen_t(2 + bytes.count)
        withUnsafeMutableBytes(of: &storage) { room in
            room.storeBytes(of: sa_family_t(AF_UNIX), as: sa_family_t.self)
            UnsafeMutableRawBufferPointer(rebasing: room[2...]).copyBytes(from: bytes)
        }
    }

    func with<Value>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Value) -> Value {
        withUnsafePointer(to: storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }
}
