import CLinux
import Descriptors
import EventLoop
import Glibc
import Policy
import Testing

@testable import Proxy

/// A proxy, a nameserver and a server on loopback, all on one loop: nothing here is waited for but what has been sent.
final class ProxyStage {
    let loop: EventLoop
    private(set) var events: [ProxyEvent] = []
    /// What the server has got, connection by connection.
    private(set) var served: [[UInt8]] = []
    var sawNothing: Bool { served.allSatisfy { $0.isEmpty } }
    /// What the nameserver was asked for.
    private(set) var asked: [String] = []
    /// What it answers: IPv4 addresses, by name; nothing for others.
    var answers: [String: [UInt32]] = [:]
    /// Events are recorded.
    var records = true
    let port: UInt16
    private let serverSocket: OwnedDescriptor
    private let nameserver: OwnedDescriptor
    private let proxyPort: UInt16
    private var proxy: ProxyLoop?
    private var accepted: [ServerEnd] = []

    /// `names` without their port: it is the server's. Loopback is reached, since the policy permits it by address.
    init(_ names: [String], reaching: Bool = true) throws {
        loop = try EventLoop()
        serverSocket = try Self.socket(Int32(SOCK_STREAM.rawValue))
        port = try Self.port(of: serverSocket)
        let listener = try Self.socket(Int32(SOCK_STREAM.rawValue))
        proxyPort = try Self.port(of: listener)
        nameserver = try Self.socket(Int32(SOCK_DGRAM.rawValue))
        let nameserverPort = try Self.port(of: nameserver)
        let patterns = try names.map { Located(try NamePattern("\($0):\(port)"), at: SourceLocation(file: "p", line: 1, column: 1)) }
        let reached = reaching ? [try EndpointPattern("127.0.0.1:\(port)")] : []
        proxy = try ProxyLoop(
            ProxyRules(names: .patterns(patterns), reached: reached), nameservers: ["127.0.0.1:\(nameserverPort)"], listener: listener,
            in: loop
        ) { [unowned self] event in
            guard records else { return false }
            events.append(event)
            return true
        }
        try loop.register(self.nameserver.number, for: .readable) { [unowned self] _ in answer() }
        try loop.register(serverSocket.number, for: .readable) { [unowned self] _ in accept() }
    }

    private static func socket(_ kind: Int32) throws -> OwnedDescriptor {
        let socket = OwnedDescriptor(owning: Glibc.socket(AF_INET, kind | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0))
        var address = loopback(0)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket.number, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        try #require(result == 0)
        let isListening = kind == Int32(SOCK_STREAM.rawValue) ? listen(socket.number, 64) == 0 : true
        try #require(isListening)
        return socket
    }

    private static func port(of socket: borrowing OwnedDescriptor) throws -> UInt16 {
        var address = sockaddr_in(), length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let number = socket.number
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(number, $0, &length) }
        }
        try #require(result == 0)
        return UInt16(bigEndian: address.sin_port)
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }

    // MARK: The others

    /// Answers a question with one record for each address, or with none.
    private func answer() {
        var buffer = [UInt8](repeating: 0, count: 512), from = sockaddr_in(), length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let count = withUnsafeMutablePointer(to: &from) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { recvfrom(nameserver.number, &buffer, buffer.count, 0, $0, &length) }
        }
        guard count > 16 else { return }
        var labels: [String] = [], at = 12
        while buffer[at] != 0 {
            labels.append(String(decoding: buffer[(at + 1)...(at + Int(buffer[at]))], as: UTF8.self))
            at += Int(buffer[at]) + 1
        }
        let name = labels.joined(separator: "."), isOldKind = buffer[at + 2] == 1
        if isOldKind { asked.append(name) }
        let found = isOldKind ? answers[name] ?? [] : []
        let isKnown = answers[name] != nil
        var answer = Array(buffer[0..<2]) + [0x81, isKnown ? 0x80 : 0x83, 0, 1, 0, UInt8(found.count), 0, 0, 0, 0] + buffer[12..<(at + 5)]
        for address in found {
            answer +=
                [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4] + (0..<4).map { UInt8(truncatingIfNeeded: address >> (24 - 8 * UInt32($0))) }
        }
        withUnsafePointer(to: &from) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = sendto(nameserver.number, answer, answer.count, 0, $0, length) }
        }
    }

    /// The server sends back what it gets, and ends where its client ends.
    private func accept() {
        let made = clx_accept(serverSocket.number, 1)
        guard made >= 0 else { return }
        let index = accepted.count
        accepted.append(ServerEnd(OwnedDescriptor(owning: made)))
        served.append([])
        var registration: Registration?
        registration = try? loop.register(made, for: .readable) { [unowned self] _ in
            var bytes: [UInt8] = []
            switch try? BorrowedDescriptor(made).read(appendingTo: &bytes, atMost: 1 << 16) {
            case .moved?:
                served[index] += bytes
                _ = try? BorrowedDescriptor(made).writeWhole(bytes)
            case .wouldBlock?: break
            case .ended?, nil:
                if let registration { loop.remove(registration) }
                accepted[index].socket = nil
            }
        }
    }

    private final class ServerEnd {
        var socket: OwnedDescriptor?

        init(_ socket: consuming OwnedDescriptor) { self.socket = consume socket }
    }

    // MARK: Clients

    /// Somebody who talks to the proxy.
    func client() throws -> StageClient {
        let made = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = Self.loopback(proxyPort)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(made, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        let client = StageClient(OwnedDescriptor(owning: made), loop)
        try #require(result == 0)
        return client
    }
}

/// One end of a connection to the proxy; the loop turns while it waits.
final class StageClient {
    private let socket: OwnedDescriptor
    private let loop: EventLoop
    private(set) var heard: [UInt8] = []
    private(set) var isOver = false

    init(_ socket: consuming OwnedDescriptor, _ loop: EventLoop) {
        self.socket = socket
        self.loop = loop
        try? self.socket.setNonBlocking()
    }

    func say(_ bytes: [UInt8]) throws { _ = try socket.send(bytes) }

    func say(_ text: String) throws { try say(Array(text.utf8)) }

    func endWriting() { shutdown(socket.number, Int32(SHUT_WR)) }

    /// Turns the loop until the condition holds; false where it never does.
    @discardableResult
    func turn(until condition: () -> Bool) throws -> Bool {
        var isLate = false
        let timer = loop.after(nanoseconds: 20_000_000_000) { isLate = true }
        let registration = try loop.register(socket.number, for: .readable) { [unowned self] _ in hear() }
        defer {
            loop.remove(registration)
            loop.cancel(timer)
        }
        while !condition(), !isLate {
            // At its end a socket stays readable.
            if isOver { loop.change(registration, to: []) }
            try loop.turn(waiting: true)
        }
        return condition()
    }

    private func hear() {
        switch try? socket.read(appendingTo: &heard, atMost: 1 << 16) {
        case .moved?, .wouldBlock?: break
        case .ended?, nil: isOver = true
        }
    }
}
