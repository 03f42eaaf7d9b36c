public import Policy
public import StrictJSON

/// What was asked for and denied, without the time: acts that are equal are counted together.
public struct DeniedAct: Sendable, Hashable {
    /// EGRESS_HOOK_… of `bpf/egress.h`.
    public let hook: UInt8
    /// Thread group id in the initial PID namespace; zero for a packet, which no process need be there for.
    public let process: UInt32
    /// AF_INET or AF_INET6; AF_UNIX, which has neither address nor port here.
    public let family: UInt8
    public let protocolNumber: UInt8
    /// SOCK_STREAM, SOCK_DGRAM, …
    public let type: UInt8
    /// As it was passed to the call. IPv4 on a socket of IPv6 is ::ffff:a.b.c.d.
    public let address: IPAddress
    public let port: UInt16
    /// What was to be executed; then there is neither address nor port.
    public let file: DeniedFile?

    public init(
        hook: UInt8, process: UInt32, family: UInt8, protocolNumber: UInt8, type: UInt8, address: IPAddress, port: UInt16,
        file: DeniedFile? = nil
    ) {
        self.hook = hook
        self.process = process
        self.family = family
        self.protocolNumber = protocolNumber
        self.type = type
        self.address = family == 2 ? address.unmapped : address
        self.port = port
        self.file = file
    }

    /// What was to be done, for people: `connect to 192.0.2.1:443 (tcp)`.
    public var words: String {
        let verb = denyingHook?.verb ?? "use"
        if let file { return "\(verb) `\(file.words)`" }
        guard hasEndpoint else { return "\(verb) a socket of family \(familyName)" }
        return "\(verb) \(endpoint) (\(transport ?? "protocol \(protocolNumber)"))"
    }

    private var familyName: String {
        switch family {
        case 1: "unix"
        case 2: "ipv4"
        case 10: "ipv6"
        default: "\(family)"
        }
    }

    private var hasEndpoint: Bool { denyingHook?.hasEndpoint ?? true }
    private var denyingHook: DenyingHook? { DenyingHook(rawValue: hook) }

    private var endpoint: String {
        if case .v6 = address { "[\(address)]:\(port)" } else { "\(address):\(port)" }
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
        var members: JSONObject = ["hook": .string(denyingHook?.program ?? "\(hook)")]
        if let mechanism = denyingHook?.mechanism { members["mechanism"] = .string(mechanism) }
        if process != 0 { members["process"] = JSON(Int(process)) }
        if let file {
            for (name, value) in file.members.members { members[name] = value }
            return members
        }
        members["family"] = .string(familyName)
        guard hasEndpoint else { return members }
        members["address"] = .string("\(address)")
        members["port"] = JSON(Int(port))
        members["protocol"] = JSON(Int(protocolNumber))
        if let transport { members["transport"] = .string(transport) }
        return members
    }
}
