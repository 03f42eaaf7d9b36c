import Policy

extension Compiler {
    /// Takes for each need one way, so that the plan takes no privilege where it can, and then the fewest mechanisms. `nil` for a need that
    /// nothing here meets; it is refused.
    mutating func choose(_ needs: [Need]) -> [Need.Means?] {
        let open = needs.map { need in need.ways.indices.filter { isAvailable(need.ways[$0]) } }
        let best = cheapest(needs, open)
        for (index, need) in needs.enumerated() {
            if let way = best[index] {
                choices.append(choice(need, way, open[index]))
            } else {
                refuse(need)
            }
        }
        return zip(needs, best).map { need, way in way.map { need.ways[$0].means } }
    }

    private func isAvailable(_ way: Need.Way) -> Bool {
        way.mechanisms.allSatisfy { host.has($0) && (host.custody == .daemon || !$0.needsRoot) }
    }

    private struct Cost: Comparable {
        var isPrivileged: Bool
        var mechanisms: Int

        static func < (left: Cost, right: Cost) -> Bool {
            left.isPrivileged == right.isPrivileged ? left.mechanisms < right.mechanisms : !left.isPrivileged
        }
    }

    private func cost(_ mechanisms: Set<Mechanism>) -> Cost {
        Cost(isPrivileged: mechanisms.contains(where: \.isPrivileged), mechanisms: mechanisms.count)
    }

    /// Every combination, in the order of the ways; few needs have more than one. The first of equals wins.
    private func cheapest(_ needs: [Need], _ open: [[Int]]) -> [Int?] {
        var combinations: [(ways: [Int?], mechanisms: Set<Mechanism>)] = [([], base)]
        for (need, indices) in zip(needs, open) {
            guard !indices.isEmpty else {
                for index in combinations.indices { combinations[index].ways.append(nil) }
                continue
            }
            combinations = combinations.flatMap { combination in
                indices.map { (combination.ways + [$0], combination.mechanisms.union(need.ways[$0].mechanisms)) }
            }
        }
        return combinations.min { cost($0.mechanisms) < cost($1.mechanisms) }?.ways ?? []
    }

    /// What every session of this custody stands on.
    private var base: Set<Mechanism> { [.seccomp, .landlockFiles, scope] }

    /// What ends all of a session at once.
    var scope: Mechanism {
        switch host.custody {
        case .daemon: .cgroup
        case .user: host.has(.delegatedCgroup) ? .delegatedCgroup : .userNamespace
        }
    }

    private func choice(_ need: Need, _ chosen: Int, _ open: [Int]) -> Choice {
        let way = need.ways[chosen]
        let others = open.filter { $0 != chosen }.map { need.ways[$0].mechanisms }
        return Choice(need.clause, by: way.mechanisms, because: reason(need, way.mechanisms, others), others: others)
    }

    private func reason(_ need: Need, _ chosen: [Mechanism], _ others: [[Mechanism]]) -> Choice.Because {
        if need.ways.count == 1 { return .onlyExact }
        if others.isEmpty { return .onlyHere }
        if !chosen.contains(where: \.isPrivileged), others.contains(where: { $0.contains(where: \.isPrivileged) }) { return .noPrivilege }
        let isFewest = others.allSatisfy { chosen.count <= $0.count }
        return isFewest ? .fewest : .already
    }

    // MARK: Refusing

    private mutating func refuse(_ need: Need) {
        switch need.otherwise {
        case .code(let code, var facts):
            facts["clause"] = need.clause
            facts["observed"] = observed(need)
            refuse(code, at: need.location, facts)
        case .mechanisms:
            refuseMissing(need)
        }
    }

    /// `MECHANISM: what was seen`, for each that does not work here; what takes root says so.
    private func observed(_ need: Need) -> String {
        let missing = Mechanism.allCases.filter { mechanism in
            need.ways.contains { $0.mechanisms.contains(mechanism) } && !isUsable(mechanism)
        }
        return missing.map { mechanism in
            "\(mechanism.rawValue): \(host.has(mechanism) || (host.custody == .user && mechanism.needsRoot) ? "needs root" : host[mechanism].text)"
        }.joined(separator: ", ")
    }

    private func isUsable(_ mechanism: Mechanism) -> Bool { host.has(mechanism) && (host.custody == .daemon || !mechanism.needsRoot) }

    private mutating func refuseMissing(_ need: Need) {
        let ways = host.custody == .daemon ? need.ways : need.ways.filter { !$0.mechanisms.contains(where: \.needsRoot) }
        guard !ways.isEmpty else {
            let mechanism = need.ways.first?.mechanisms.first(where: \.needsRoot)
            return refuse(.needsDaemon, at: need.location, ["clause": need.clause, "mechanism": mechanism?.rawValue ?? "root"])
        }
        var told: Set<Mechanism> = []
        let suffix = ways.count < need.ways.count ? ", or a running sandboxd" : ""
        for mechanism in ways.flatMap(\.mechanisms) where told.insert(mechanism).inserted {
            require(mechanism, for: need.clause, at: need.location, needs: mechanism.requirement + suffix)
        }
    }
}
