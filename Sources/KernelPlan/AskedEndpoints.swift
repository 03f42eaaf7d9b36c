import Policy

/// A grant of endpoints in the one form that ways are chosen by.
enum AskedEndpoints: Hashable {
    case none
    case any
    /// Never empty, and none of them is everything.
    case patterns([EndpointPattern])

    /// The grant, and single endpoints that another clause adds to it.
    init(_ grant: EndpointGrant, adding more: [EndpointPattern] = []) {
        switch grant {
        case .any: self = .any
        case .none: self = Self(more)
        case .endpoints(let list): self = Self(list.map(\.value) + more)
        }
    }

    private init(_ patterns: [EndpointPattern]) {
        if patterns.isEmpty {
            self = .none
        } else if patterns.contains(where: { $0.addresses == .any && $0.ports == .any }) {
            self = .any
        } else {
            self = .patterns(patterns)
        }
    }

    /// Ports that Landlock would have to name one by one; past this many it is no way.
    private static let portLimit = 4_096

    /// The ports, ascending, where ports alone tell what is permitted and are few enough to be named; not for `any`.
    var ports: [UInt16]? {
        switch self {
        case .none: return []
        case .any: return nil
        case .patterns(let patterns):
            guard patterns.allSatisfy({ $0.addresses == .any }) else { return nil }
            let ranges = EndpointTable.merged(patterns.map(\.ports.asRange))
            guard ranges.reduce(0, { $0 + $1.count }) <= Self.portLimit else { return nil }
            return ranges.flatMap { Array($0) }
        }
    }

    /// What hooks would hold. `nil` where a table cannot hold it.
    func judged(connecting: Bool) -> CgroupPlan.Endpoints? {
        switch self {
        case .none: CgroupPlan.Endpoints.none
        case .any: CgroupPlan.Endpoints.any
        case .patterns(let patterns): EndpointTable(patterns, connecting: connecting).map { CgroupPlan.Endpoints.list($0) }
        }
    }
}

extension EndpointPattern {
    /// What keeps a pattern from denoting a set that a kernel can judge: the text refuses it, and so does whoever made it otherwise.
    var problem: EndpointProblem? { ports.problem ?? addresses.problem }
}

extension EndpointPattern.Ports {
    fileprivate var problem: EndpointProblem? {
        switch self {
        case .any: nil
        case .one(let port): port == 0 ? .portZero : nil
        case .range(let range): range.lowerBound == 0 ? .portZero : nil
        }
    }

    var asRange: ClosedRange<UInt16> {
        switch self {
        case .any: 0...UInt16.max
        case .one(let port): port...port
        case .range(let range): range
        }
    }
}

extension EndpointPattern.Addresses {
    fileprivate var problem: EndpointProblem? {
        switch self {
        case .any, .public: nil
        case .one(let address): address.problem
        case .network(let address, let prefix):
            if !(0...address.width).contains(prefix) {
                .badPrefix
            } else if address.masked(to: prefix) != address {
                .hostBits
            } else {
                address.problem
            }
        }
    }
}

extension IPAddress {
    var problem: EndpointProblem? { unmapped != self ? .mappedAddress : isLinkLocal ? .linkLocal : nil }
}
