extension EndpointPattern {
    /// Reads an endpoint of a policy (DESIGN section 3, "Endpoints").
    public init(_ text: String) throws(EndpointProblem) {
        let bytes = Array(text.utf8)
        guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")), colon + 1 < bytes.count, bytes.last != UInt8(ascii: "]")
        else { throw .noPort }
        let host = bytes[..<colon]
        // The address is read first: `2001:db8::1` has a colon and no port, and says so.
        let addresses = try Self.readAddresses(host)
        self.init(addresses: addresses, ports: try Self.readPorts(bytes[(colon + 1)...]))
    }

    static func readPorts(_ bytes: ArraySlice<UInt8>) throws(EndpointProblem) -> Ports {
        if bytes.elementsEqual("*".utf8) { return .any }
        let parts = bytes.split(separator: UInt8(ascii: "-"), maxSplits: 1, omittingEmptySubsequences: false)
        guard let lower = IPAddress.readDecimal(parts[0], upTo: 65_535) else { throw .badPort }
        guard lower > 0 else { throw .portZero }
        guard parts.count == 2 else { return .one(UInt16(lower)) }
        guard let upper = IPAddress.readDecimal(parts[1], upTo: 65_535) else { throw .badPort }
        guard upper >= lower else { throw .badRange }
        return upper == lower ? .one(UInt16(lower)) : .range(UInt16(lower)...UInt16(upper))
    }

    private static func readAddresses(_ bytes: ArraySlice<UInt8>) throws(EndpointProblem) -> Addresses {
        if bytes.elementsEqual("*".utf8) { return .any }
        if bytes.elementsEqual("public".utf8) { return .public }
        var inner = bytes
        if bytes.first == UInt8(ascii: "[") {
            guard bytes.last == UInt8(ascii: "]") else { throw .badAddress }
            inner = bytes.dropFirst().dropLast()
            guard inner.contains(UInt8(ascii: ":")) else { throw .badAddress }
        } else if bytes.contains(UInt8(ascii: ":")) {
            throw .missingBrackets
        }
        return try readNetwork(inner)
    }

    private static func readNetwork(_ bytes: ArraySlice<UInt8>) throws(EndpointProblem) -> Addresses {
        let parts = bytes.split(separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(String(decoding: parts[0], as: UTF8.self)) else {
            throw looksLikeName(parts[0]) ? .hostName : .badAddress
        }
        guard address == address.unmapped else { throw .mappedAddress }
        guard !address.isLinkLocal else { throw .linkLocal }
        guard parts.count == 2 else { return .one(address) }
        guard let prefix = IPAddress.readDecimal(parts[1], upTo: address.width) else { throw .badPrefix }
        guard address.masked(to: prefix) == address else { throw .hostBits }
        return prefix == address.width ? .one(address) : .network(address, prefix: prefix)
    }

    private static func looksLikeName(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.contains { $0 != UInt8(ascii: ".") && !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}

extension EndpointPattern: CustomStringConvertible {
    /// The one way in which it is written.
    public var description: String { "\(addresses):\(ports)" }
}

extension EndpointPattern.Addresses: CustomStringConvertible {
    public var description: String {
        switch self {
        case .any: "*"
        case .public: "public"
        case .one(.v4(let value)): "\(IPAddress.v4(value))"
        case .one(let address): "[\(address)]"
        case .network(.v4(let value), let prefix): "\(IPAddress.v4(value))/\(prefix)"
        case .network(let address, let prefix): "[\(address)/\(prefix)]"
        }
    }
}

extension EndpointPattern.Ports: CustomStringConvertible {
    public var description: String {
        switch self {
        case .any: "*"
        case .one(let port): "\(port)"
        case .range(let range): "\(range.lowerBound)-\(range.upperBound)"
        }
    }
}

extension IPAddress {
    /// Bits of an address of this family.
    public var width: Int {
        switch self {
        case .v4: 32
        case .v6: 128
        }
    }

    /// All but the first `prefix` bits set to zero.
    public func masked(to prefix: Int) -> IPAddress {
        switch self {
        case .v4(let value): .v4(prefix == 0 ? 0 : value & (UInt32.max << UInt32(32 - prefix)))
        case .v6(let high, let low):
            .v6(high: prefix >= 64 ? high : Self.mask(high, prefix), low: prefix <= 64 ? 0 : Self.mask(low, prefix - 64))
        }
    }

    private static func mask(_ value: UInt64, _ prefix: Int) -> UInt64 {
        prefix == 0 ? 0 : value & (UInt64.max << UInt64(64 - prefix))
    }
}
