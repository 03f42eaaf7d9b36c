import Descriptors
import Glibc

/// A receiver on loopback, or one end of a connection to it.
final class LoopbackPeer {
    let number: Int32
    let port: UInt16

    /// Waits for connections, or datagrams.
    init(_ type: __socket_type = SOCK_STREAM) throws {
        number = socket(AF_INET, Int32(type.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { throw Errno.last }
        var address = Self.loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let socket = number
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(socket, address, length) == 0 && getsockname(socket, address, &length) == 0
            }
        }
        guard result, type == SOCK_DGRAM || listen(number, 4) == 0 else { throw Errno.last }
        port = UInt16(bigEndian: address.sin_port)
    }

    private init(_ number: Int32) {
        self.number = number
        port = 0
    }

    deinit { close(number) }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }

    /// Of a listener: who comes next.
    func accepted() throws -> LoopbackPeer {
        guard readable(number) else { throw Errno.timedOut }
        let connection = accept(number, nil, nil)
        guard connection >= 0 else { throw Errno.last }
        return LoopbackPeer(connection)
    }

    /// Connects to a port.
    static func connecting(to port: UInt16) throws -> LoopbackPeer {
        let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { throw Errno.last }
        let peer = LoopbackPeer(number)
        var address = loopback(port)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard result == 0 else { throw Errno.last }
        return peer
    }

    /// Takes what is there, and says how much it was.
    func drain() -> Int {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        var sum = 0
        while true {
            let count = recv(number, &bytes, bytes.count, Int32(MSG_DONTWAIT))
            guard count > 0 else { return sum }
            sum += count
        }
    }

    /// Whether an error or an end has come; waits a while for it.
    func isOver() -> Bool {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        while readable(number) {
            if recv(number, &bytes, bytes.count, Int32(MSG_DONTWAIT)) <= 0 { return true }
        }
        return false
    }

    /// Waits until this many more have come.
    func await(_ count: Int) throws {
        var sum = 0
        while sum < count {
            guard readable(number) else { throw Errno.timedOut }
            let more = drain()
            guard more > 0 else { throw Errno.brokenPipe }
            sum += more
        }
    }

    func say(_ text: String) throws {
        let bytes = Array(text.utf8)
        guard send(number, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { throw Errno.last }
    }
}
