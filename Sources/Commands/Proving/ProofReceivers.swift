import Descriptors
import Evidence
import Glibc
import KernelPlan
import Policy

/// All receivers of a proof, on loopback and in a directory of ours; never elsewhere.
struct ProofReceivers: ~Copyable {
    private(set) var endpoints: [ProofGround.Endpoint] = []
    /// Where a session may try to listen.
    private(set) var own: [ProofGround.Endpoint] = []
    /// Endpoints that the policy names and nobody here may open.
    private(set) var unopened: [String: String] = [:]
    private var receivers = ReceiverList()

    static let four = IPAddress.v4(0x7f00_0001)
    private static let other = IPAddress.v4(0x7f00_0002)
    private static let six = IPAddress.v6(high: 0, low: 1)

    /// Opens those of loopback: at a free port, which no clause permits unless it permits all, and on both sides of every border that the policy
    /// draws there.
    mutating func open(_ policy: Policy, _ meaning: PolicyMeaning) throws(ProofFailure) {
        let port = try openBase {
            meaning.permits(.connect(.connect, Self.four, port: $0)) || meaning.permits(.send(.sendTo, Self.four, port: $0))
        }
        endpoints = [
            .init(label: "v4", address: Self.four, port: port), .init(label: "v6", address: Self.six, port: port),
            .init(label: "other", address: Self.other, port: port),
            // Other names of the first two.
            .init(label: "mapped", address: .v6(high: 0, low: 0xffff_7f00_0001), port: port),
            .init(label: "any4", address: .v4(0), port: port),
            .init(label: "any6", address: .v6(high: 0, low: 0), port: port),
        ]
        // A host without IPv6 has two of them only.
        if !hasSix { endpoints.removeAll { $0.label == "v6" || $0.label == "any6" || $0.label == "mapped" } }
        for endpoint in LoopbackBorders(policy.egress.tcp.orNone, policy.egress.udp.orNone).endpoints(free: port) { openBorder(endpoint) }
        chooseOwn(policy)
    }

    private var hasSix = true

    /// The same port for every address and both transports.
    private mutating func openBase(_ isPermitted: (UInt16) -> Bool) throws(ProofFailure) -> UInt16 {
        var last = Errno.addressInUse
        for attempt in 0..<32 {
            do throws(Errno) {
                let port = try ProofReceiver(.stream, at: SocketAddress(Self.four, port: 0)).port()
                // Where everything is permitted any port will do.
                guard attempt > 24 || !isPermitted(port) else { continue }
                var opened = ReceiverList()
                for address in [Self.four, Self.other] {
                    for kind in [ProofReceiver.Kind.stream, .datagram] {
                        opened.append(try ProofReceiver(kind, at: SocketAddress(address, port: port)))
                    }
                }
                do throws(Errno) {
                    for kind in [ProofReceiver.Kind.stream, .datagram] {
                        opened.append(try ProofReceiver(kind, at: SocketAddress(Self.six, port: port)))
                    }
                } catch {
                    guard error.code == EADDRNOTAVAIL || error.code == EAFNOSUPPORT else { throw error }
                    hasSix = false
                }
                // Where the kernel has no UDP-Lite nobody can send it either.
                if let lite = try? ProofReceiver(.datagram, at: SocketAddress(Self.four, port: port), protocol: 136) { opened.append(lite) }
                receivers = consume opened
                return port
            } catch {
                last = error
            }
        }
        throw .stage("receivers on loopback", last)
    }

    private mutating func openBorder(_ endpoint: ProofGround.Endpoint) {
        guard !endpoints.contains(where: { $0.address == endpoint.address && $0.port == endpoint.port }) else { return }
        do throws(Errno) {
            let stream = try ProofReceiver(.stream, at: SocketAddress(endpoint.address, port: endpoint.port))
            let datagram = try ProofReceiver(.datagram, at: SocketAddress(endpoint.address, port: endpoint.port))
            receivers.append(stream)
            receivers.append(datagram)
            endpoints.append(endpoint)
        } catch {
            let why = error == .addressInUse ? "somebody else listens there" : "it cannot be opened here: \(ErrnoWords.text(error.name))"
            unopened[AttemptPlan.text(endpoint)] = why
        }
    }

    /// Free ports of loopback, and those that the policy names.
    private mutating func chooseOwn(_ policy: Policy) {
        for (label, address) in [("v4", Self.four), ("v6", Self.six)] where label == "v4" || hasSix {
            guard let port = Self.free(at: address) else { continue }
            own.append(.init(label: label, address: address, port: port))
        }
        guard let free = Self.free(at: Self.four) else { return }
        for endpoint in LoopbackBorders(policy.ingress.tcp.orNone).endpoints(free: free) where Self.isFree(endpoint) {
            own.append(endpoint)
        }
    }

    private static func free(at address: IPAddress) -> UInt16? {
        guard let receiver = try? ProofReceiver(.stream, at: SocketAddress(address, port: 0)) else { return nil }
        return try? receiver.port()
    }

    private static func isFree(_ endpoint: ProofGround.Endpoint) -> Bool {
        (try? ProofReceiver(.stream, at: SocketAddress(endpoint.address, port: endpoint.port))) != nil
    }

    /// Unix sockets by path and by abstract name.
    mutating func openUnix(_ directory: String, _ abstract: String, mode: UInt32) throws(ProofFailure) {
        do throws(Errno) {
            for (name, kind) in [("stream", ProofReceiver.Kind.stream), ("datagram", .datagram)] {
                for place in ["\(directory)/\(name)", "\(abstract)-\(name)"] {
                    guard let address = SocketAddress(unix: place) else { throw .nameTooLong }
                    receivers.append(try ProofReceiver(kind, at: address))
                }
                guard chmod("\(directory)/\(name)", mode) == 0 else { throw .last }
            }
        } catch {
            throw .stage("unix sockets", error)
        }
    }

    /// Everything that came anywhere since it was asked last; nil where one cannot say.
    func arrivals() -> [[UInt8]]? {
        let sentinel = SecureRandom.bytes(16)
        var found: [[UInt8]] = []
        var isKnown = true
        receivers.forEach { receiver in
            if let arrivals = receiver.arrivals(until: sentinel) { found += arrivals } else { isKnown = false }
        }
        return isKnown ? found : nil
    }
}

/// Receivers have one owner, and arrays own copyable things only.
struct ReceiverList: ~Copyable {
    private final class Box {
        let receiver: ProofReceiver
        init(_ receiver: consuming ProofReceiver) { self.receiver = receiver }
    }

    private var boxes: [Box] = []

    mutating func append(_ receiver: consuming ProofReceiver) { boxes.append(Box(receiver)) }

    func forEach(_ body: (borrowing ProofReceiver) -> Void) { for box in boxes { body(box.receiver) } }
}
