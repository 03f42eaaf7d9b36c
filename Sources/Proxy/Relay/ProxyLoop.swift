import CLinux
public import Descriptors
public import EventLoop

/// Accepts the clients of one session, and drives their connections.
public final class ProxyLoop {
    private let loop: EventLoop
    private let listener: OwnedDescriptor
    private let rules: ProxyRules
    private let resolver: Resolver
    private let record: (ProxyEvent) -> Bool
    private var connections: [UInt64: ProxiedConnection] = [:]
    private var registration: Registration?
    private var last: UInt64 = 0

    /// Six descriptors each: two sockets, two pipes. Whoever comes later waits in the listener's queue.
    static let mostConnections = 256

    /// `nameservers`: `ADDRESS:PORT`, an IPv6 address in brackets. The listener does not block.
    public init(
        _ rules: ProxyRules, nameservers: [String], listener: consuming OwnedDescriptor, in loop: EventLoop,
        record: @escaping (ProxyEvent) -> Bool
    ) throws(Errno) {
        self.loop = loop
        self.rules = rules
        self.record = record
        self.listener = listener
        resolver = try Resolver(asking: nameservers, in: loop)
        registration = try loop.register(self.listener.number, for: .readable) { [weak self] _ in self?.accept() }
    }

    /// Ends all connections: what became of them is recorded.
    public func finish() {
        if let registration { loop.remove(registration) }
        registration = nil
        for connection in Array(connections.values) { connection.close() }
    }

    private func accept() {
        while connections.count < Self.mostConnections {
            let made = clx_accept(listener.number, 1)
            guard made >= 0 else { break }
            take(OwnedDescriptor(owning: made))
        }
        if connections.count >= Self.mostConnections, let registration { loop.change(registration, to: []) }
    }

    private func take(_ client: consuming OwnedDescriptor) {
        last += 1
        let surroundings = ProxiedConnection.Surroundings(
            loop: loop, rules: rules, resolver: resolver, record: record, closed: { [weak self] in self?.forget($0) })
        connections[last] = try? ProxiedConnection(client, number: last, surroundings)
    }

    private func forget(_ connection: ProxiedConnection) {
        connections[connection.number] = nil
        if let registration { loop.change(registration, to: .readable) }
    }
}
