import CLinux
import Descriptors
import Glibc
import Policy

/// A socket of ours that attempts are aimed at. It tells what came to it since it was asked last.
struct ProofReceiver: ~Copyable {
    enum Kind: Sendable, Hashable { case stream, datagram }

    private let socket: OwnedDescriptor
    private let kind: Kind
    private let address: SocketAddress
    private let proto: Int32

    /// Nanoseconds for what we send ourselves to come, or for somebody's bytes.
    private static let patience: UInt64 = 500_000_000

    init(_ kind: Kind, at address: SocketAddress, protocol proto: Int32 = 0) throws(Errno) {
        socket = try Self.bound(kind, address, proto)
        self.kind = kind
        self.address = address
        self.proto = proto
    }

    /// socket(2), bind(2), and for streams listen(2).
    private static func bound(_ kind: Kind, _ address: SocketAddress, _ proto: Int32) throws(Errno) -> OwnedDescriptor {
        let socket = try open(kind, address.family, proto)
        let number = socket.number
        var on: Int32 = 1
        if address.family == AF_INET6 { setsockopt(number, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &on, socklen_t(MemoryLayout<Int32>.size)) }
        guard address.with({ bind(number, $0, $1) }) == 0 else { throw .last }
        if kind == .stream { guard listen(number, 64) == 0 else { throw .last } }
        return socket
    }

    private static func open(_ kind: Kind, _ family: Int32, _ proto: Int32) throws(Errno) -> OwnedDescriptor {
        let type: __socket_type = kind == .stream ? SOCK_STREAM : SOCK_DGRAM
        let number = Glibc.socket(family, Int32(type.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), proto)
        guard number >= 0 else { throw .last }
        return OwnedDescriptor(owning: number)
    }

    /// The port that bind(2) chose.
    func port() throws(Errno) -> UInt16 {
        var own = sockaddr_in6()
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let number = socket.number
        let result = withUnsafeMutablePointer(to: &own) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(number, $0, &length) }
        }
        guard result == 0 else { throw .last }
        // It lies at the same place in both families.
        return UInt16(bigEndian: own.sin6_port)
    }

    /// Everything that came, each connection or datagram with its bytes. What we send afterwards ourselves shows that nothing is still under way;
    /// nil where it does not come.
    func arrivals(until sentinel: [UInt8]) -> [[UInt8]]? {
        var found: [[UInt8]] = []
        guard let own = try? send(sentinel) else { return nil }
        let deadline = Clock.monotonic + Self.patience
        while let bytes = next(until: deadline) {
            if bytes.elementsEqual(sentinel) { return withExtendedLifetime(own.number) { found } }
            found.append(bytes)
        }
        return nil
    }

    /// A socket of our own that has sent; open until everything was received.
    private func send(_ bytes: [UInt8]) throws(Errno) -> OwnedDescriptor {
        let own = try Self.open(kind, address.family, proto)
        let number = own.number
        let result = address.with { connect(number, $0, $1) }
        if result != 0 {
            guard Errno.last == .inProgress else { throw .last }
            var entry = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
            guard poll(&entry, 1, 500) == 1 else { throw .timedOut }
        }
        guard Glibc.send(number, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { throw .last }
        // No TIME_WAIT is left at our receivers.
        var abort = linger(l_onoff: 1, l_linger: 0)
        if kind == .stream {
            _ = clx_shutdown_write(number)
            setsockopt(number, SOL_SOCKET, SO_LINGER, &abort, socklen_t(MemoryLayout<linger>.size))
        }
        return own
    }

    private func next(until deadline: UInt64) -> [UInt8]? {
        guard Self.wait(socket.number, deadline) else { return nil }
        switch kind {
        case .datagram: return Self.take(socket.number)
        case .stream:
            guard let accepted = try? socket.accept() else { return nil }
            var bytes: [UInt8] = []
            let patience = min(deadline, Clock.monotonic + Self.patience / 5)
            while bytes.count < 256, Self.wait(accepted.number, patience), let more = Self.take(accepted.number), !more.isEmpty {
                bytes += more
            }
            return bytes
        }
    }

    private static func take(_ number: Int32) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 512)
        let count = recv(number, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        return count >= 0 ? Array(buffer.prefix(count)) : nil
    }

    private static func wait(_ number: Int32, _ deadline: UInt64) -> Bool {
        let now = Clock.monotonic
        guard now < deadline else { return false }
        var entry = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, Int32((deadline - now) / 1_000_000 + 1)) == 1
    }

    // MARK: Reaching what a session opened

    /// Whether connect(2) to an endpoint succeeds; nothing is left of it.
    static func connects(to address: SocketAddress) -> Bool {
        guard let own = try? open(.stream, address.family, 0) else { return false }
        let number = own.number
        var abort = linger(l_onoff: 1, l_linger: 0)
        setsockopt(number, SOL_SOCKET, SO_LINGER, &abort, socklen_t(MemoryLayout<linger>.size))
        if address.with({ connect(number, $0, $1) }) == 0 { return true }
        guard Errno.last == .inProgress else { return false }
        var entry = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
        guard poll(&entry, 1, 1_000) == 1 else { return false }
        var error: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(number, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0
    }

    /// A datagram to an endpoint.
    static func sendDatagram(_ bytes: [UInt8], to address: SocketAddress) {
        guard let own = try? open(.datagram, address.family, 0) else { return }
        let number = own.number
        _ = address.with { sendto(number, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, $1) }
    }
}
