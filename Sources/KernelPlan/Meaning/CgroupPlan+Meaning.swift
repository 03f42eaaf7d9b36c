public import Policy

extension CgroupPlan {
    /// What the hook for the address's family says; a hook that is not attached says nothing.
    func judges(_ asked: IPAddress, _ v4: Hook, _ v6: Hook, _ permitted: Endpoints, _ address: IPAddress, _ port: UInt16) -> Bool {
        let hook =
            switch asked {
            case .v4: v4
            case .v6: v6
            }
        return !hooks.contains(hook) || permitted.permits(address, port)
    }

    /// The hooks judge the address that is named; the packet is judged where it goes.
    func sends(_ path: Operation.SendPath, _ address: IPAddress, _ port: UInt16) -> Bool {
        guard !hooks.contains(.egress) || udp.permits(address.connected, port) else { return false }
        switch path {
        case .connect: return judges(address, .connect4, .connect6, udp, address.connected, port)
        case .sendTo, .sendMessage, .sendMessages: return judges(address, .sendmsg4, .sendmsg6, udp, address.connected, port)
        case .turned: return true
        }
    }

    /// Bound sockets were judged when they were bound, to the endpoint or to every address; who comes is judged by the filter, if there is one.
    func lets(_ address: IPAddress, _ port: UInt16, in path: Operation.AcceptPath) -> Bool {
        guard !hooks.contains(.ingress) || own.permits(address.unmapped, port) else { return false }
        switch path {
        case .unbound: return true
        case .bound:
            return judges(address, .bind4, .bind6, own, address.unmapped, port)
                || judges(.v4(0), .bind4, .bind6, own, .v4(0), port)
                || judges(.v6(high: 0, low: 0), .bind4, .bind6, own, .v6(high: 0, low: 0), port)
        }
    }

    /// IPv4 and IPv6 sockets alone pass this hook; the protocol 0 is by then the usual one of the type.
    func makes(family: UInt64, type: UInt64, protocol number: UInt64) -> Bool {
        guard hooks.contains(.sockCreate), [2, 10].contains(UInt32(truncatingIfNeeded: family)) else { return true }
        switch (UInt32(truncatingIfNeeded: type) & 0xf, UInt32(truncatingIfNeeded: number)) {
        case (1, 0), (1, 6): return true
        case (2, 0), (2, 17): return udp != .none
        default: return false
        }
    }

    /// After the launch.
    func executes(_ path: String) -> Bool {
        guard hooks.contains(.execute) else { return true }
        return !executesOnce && executed.contains { $0.path.utf8.elementsEqual(path.utf8) }
    }

    /// By inode: names that are no path have none.
    func permits(_ act: Operation.UnixAct, _ name: Operation.UnixName) -> Bool {
        switch act {
        case .connect where hooks.contains(.connectUnix): return false
        case .sendTo where hooks.contains(.sendmsgUnix), .sendFromPair where hooks.contains(.sendmsgUnix): return false
        case .connect, .sendTo, .sendFromPair, .bind, .listen, .autobind: break
        }
        guard hooks.contains(.unix) else { return true }
        switch (act, name) {
        // A name that the kernel chooses passes no hook.
        case (.autobind, _): return true
        case (.bind, _), (.listen, _), (_, .abstract): return false
        case (.connect, .path(let path)), (.sendTo, .path(let path)), (.sendFromPair, .path(let path)):
            return unix.contains { $0.path.utf8.elementsEqual(path.utf8) }
        }
    }
}

extension CgroupPlan.Endpoints {
    /// Whether an endpoint is among these; IPv4 on a socket of IPv6 is the endpoint that it means.
    public func permits(_ address: IPAddress, _ port: UInt16) -> Bool {
        switch self {
        case .none: false
        case .any: true
        case .list(let table): table.hasEntry(address, port) || table.region(of: address)?.ports.contains { $0.contains(port) } ?? false
        }
    }
}

extension EndpointTable {
    fileprivate func hasEntry(_ address: IPAddress, _ port: UInt16) -> Bool {
        entries.contains { ($0.port == nil || $0.port == port) && ($0.address == nil || $0.address == address) }
    }

    /// The longest prefix wins.
    fileprivate func region(of address: IPAddress) -> Region? {
        let whole = AddressPrefix(bits: address.mappedBits, prefix: 128)
        var best: Region?
        for region in regions where region.prefix >= best?.prefix ?? 0 {
            if AddressPrefix(bytes: region.address, prefix: region.prefix).contains(whole) { best = region }
        }
        return best
    }
}
