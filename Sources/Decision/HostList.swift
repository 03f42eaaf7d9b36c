import Policy

/// Names of hosts, addresses and networks.
struct HostList: Sendable {
    /// Lower case.
    private var names: Set<[UInt8]> = []
    /// What stands behind the `*` of a name, with its dot.
    private var endings: Set<[UInt8]> = []
    private var networks: [Network] = []

    private struct Network: Sendable {
        let address: IPAddress
        let prefix: Int

        func contains(_ other: IPAddress) -> Bool {
            switch (address, other) {
            case (.v4(let network), .v4(let value)): prefix == 0 || (network ^ value) >> (32 - UInt32(prefix)) == 0
            case (.v6(let high, let low), .v6(let otherHigh, let otherLow)):
                if prefix == 0 {
                    true
                } else if prefix <= 64 {
                    (high ^ otherHigh) >> UInt64(64 - prefix) == 0
                } else {
                    high == otherHigh && (low ^ otherLow) >> UInt64(128 - prefix) == 0
                }
            case (.v4, .v6), (.v6, .v4): false
            }
        }
    }

    /// About what one look-up costs.
    var cost: Int { networks.count / 16 }

    init(_ hosts: [String]) throws(ConditionProblem) {
        guard !hosts.isEmpty else { throw ConditionProblem(.empty) }
        for host in hosts {
            guard insert(host) else { throw ConditionProblem(.badHost(host)) }
        }
    }

    private mutating func insert(_ host: String) -> Bool {
        if let network = Self.network(host) {
            networks.append(network)
            return true
        }
        var bytes = Array(host.utf8)
        let isEnding = bytes.starts(with: Array("*.".utf8))
        if isEnding { bytes.removeFirst(2) }
        guard case .name(let name)? = HostReading.host(bytes.span, 0..<bytes.count) else { return false }
        if isEnding { endings.insert([UInt8(ascii: ".")] + name) } else { names.insert(name) }
        return true
    }

    /// An address, with brackets or without, or a network whose host bits are zero.
    private static func network(_ text: String) -> Network? {
        let bytes = Array(text.utf8)
        if bytes.first == UInt8(ascii: "["), bytes.last == UInt8(ascii: "]") {
            let inner = IPAddress(String(decoding: bytes.dropFirst().dropLast(), as: UTF8.self))
            return inner.map { Network(address: $0.unmapped, prefix: width($0.unmapped)) }
        }
        let parts = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard let address = parts.first.flatMap({ IPAddress(String(decoding: $0, as: UTF8.self)) }), parts.count <= 2 else { return nil }
        guard parts.count == 2 else { return Network(address: address.unmapped, prefix: width(address.unmapped)) }
        guard address == address.unmapped, let prefix = decimal(parts[1]), prefix <= width(address), hasNoHostBits(address, prefix) else {
            return nil
        }
        return Network(address: address, prefix: prefix)
    }

    private static func width(_ address: IPAddress) -> Int {
        switch address {
        case .v4: 32
        case .v6: 128
        }
    }

    private static func decimal(_ text: ArraySlice<UInt8>) -> Int? {
        guard (1...3).contains(text.count), text.allSatisfy(\.isDigit), text.count == 1 || text.first != UInt8(ascii: "0") else {
            return nil
        }
        return text.reduce(0) { $0 * 10 + Int($1 & 15) }
    }

    private static func hasNoHostBits(_ address: IPAddress, _ prefix: Int) -> Bool {
        switch address {
        case .v4(let value): prefix == 0 ? value == 0 : prefix == 32 || value << UInt32(prefix) == 0
        case .v6(let high, let low):
            if prefix >= 64 { prefix == 128 || low << UInt64(prefix - 64) == 0 } else { low == 0 && high << UInt64(prefix) == 0 }
        }
    }

    /// Whether the host of a URL, or of `host` or `host:port`, is in the list. Unknown for what parsers read differently.
    func contains(_ text: Span<UInt8>) -> Truth {
        switch HostReading(text).host {
        case nil: .unknown
        case .address(let address): contains(address)
        case .name(let name): contains(name)
        }
    }

    /// `localhost` is whatever loopback address the system likes (RFC 6761 section 6.3).
    private func contains(_ name: [UInt8]) -> Truth {
        if names.contains(name) { return .true }
        for (index, byte) in name.enumerated() where byte == UInt8(ascii: ".") {
            if endings.contains(Array(name[index...])) { return .true }
        }
        let isLocal = name == Array("localhost".utf8) || name.suffix(10).elementsEqual(".localhost".utf8)
        return isLocal && !networks.isEmpty ? .unknown : .false
    }

    /// An address that stands for an IPv4 address behind a translator may be one of the IPv4 addresses of the list.
    private func contains(_ address: IPAddress) -> Truth {
        let address = address.unmapped
        if networks.contains(where: { $0.contains(address) }) { return .true }
        guard case .v6(let high, let low) = address, Self.isTranslated(high, low) else { return .false }
        return networks.contains { if case .v4 = $0.address { true } else { false } } ? .unknown : .false
    }

    /// 64:ff9b::/96, 64:ff9b:1::/48, 2002::/16, 2001::/32 and ::/96 but for :: and ::1.
    private static func isTranslated(_ high: UInt64, _ low: UInt64) -> Bool {
        high == 0x0064_ff9b_0000_0000 && low >> 32 == 0 || high >> 16 == 0x0064_ff9b_0001 || high >> 48 == 0x2002
            || high >> 32 == 0x2001_0000 || high == 0 && low >> 32 == 0 && low > 1
    }
}
