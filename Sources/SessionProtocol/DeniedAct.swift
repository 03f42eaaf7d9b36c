public import Policy
public import StrictJSON

/// What was asked for and denied, without the time: acts that are equal are counted together.
public struct DeniedAct: Sendable, Hashable {
    /// EGRESS_HOOK_… of `bpf/egress.h`.
    public let hook: UInt8
    /// Thread group id in the initial PID namespace; zero for a packet, which no process need be there for.
    public let process: UInt32
    /// AF_INET or AF_INET6.
    public let family: UInt8
    public let protocolNumber: UInt8
    /// SOCK_STREAM, SOCK_DGRAM, …
    public let type: UInt8
    /// As it was passed to the call. IPv4 on a socket of IPv6 is ::ffff:a.b.c.d.
    public let address: IPAddress
    public let port: UInt16

    public init(
        hook: UInt8, process: UInt32, family: UInt8, protocolNumber: UInt8, type: UInt8, address: IPAddress, port: UInt16
    ) {
        self.hook = hook
        self.process = process
        self.family = family
        self.protocolNumber = protocolNumber
        self.type = type
        self.address = family == 2 ? address.unmapped : address
        self.port = port
    }

    /// What was to be done, for people: `connect to 192.0.2.1:443 (tcp)`.
    public var words: String {
        let verb =
            switch hook {
            case 1, 2: "connect to"
            case 3, 4: "send to"
            case 5, 6: "bind"
            case 7: "send a packet to"
            default: "use"
            }
        return "\(verb) \(endpoint) (\(transport ?? "protocol \(protocolNumber)"))"
    }

    private var endpoint: String {
        if case .v6 = address { "[\(address)]:\(port)" } else { "\(address):\(port)" }
    }

    /// The programs' own name of the hook.
    private var hookName: String {
        let names = ["connect4", "connect6", "sendmsg4", "sendmsg6", "bind4", "bind6", "packet_out"]
        return (1...names.count).contains(Int(hook)) ? names[Int(hook) - 1] : "\(hook)"
    }

    /// The row of a host profile that the hook belongs to.
    private var mechanism: String {
        switch hook {
        case 1, 2: "connect-hooks"
        case 5, 6: "bind-hooks"
        default: "send-hooks"
        }
    }

    private var transport: String? {
        switch (type, protocolNumber) {
        case (1, 6): "tcp"
        case (2, 17): "udp"
        case _: nil
        }
    }

    /// Members of a receipt.
    public var members: JSONObject {
        var members: JSONObject = [
            "address": .string("\(address)"), "family": .string(family == 2 ? "ipv4" : "ipv6"), "hook": .string(hookName),
            "mechanism": .string(mechanism), "port": JSON(Int(port)), "protocol": JSON(Int(protocolNumber)),
        ]
        if process != 0 { members["process"] = JSON(Int(process)) }
        if let transport { members["transport"] = .string(transport) }
        return members
    }
}
