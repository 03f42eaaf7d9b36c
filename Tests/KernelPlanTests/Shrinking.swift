import KernelPlan
import Policy

/// Makes a counterexample as small as it can: clauses, entries of lists and mechanisms go one by one while the difference stays.
struct Shrinking {
    /// Compiles, and may break what comes of it on purpose.
    var plan: (Case) -> KernelPlan?
    var seed: UInt64

    /// `nil` where there is no plan, or it is exact.
    func difference(_ subject: Case) -> Difference? {
        plan(subject).flatMap { Difference.first(subject, $0, Samples.operations(for: subject, seed: seed, thorough: true)) }
    }

    func smallest(_ found: Case) -> (Case, Difference)? {
        guard var best = difference(found).map({ (found, $0) }) else { return nil }
        var isSmaller = true
        while isSmaller {
            isSmaller = false
            for candidate in best.0.smaller {
                guard let difference = difference(candidate) else { continue }
                best = (candidate, difference)
                isSmaller = true
                break
            }
        }
        return best
    }
}

extension Case {
    /// Each with one thing less.
    var smaller: [Case] { fewerClauses + shorterLists + fewerMechanisms + lessProtected }

    private func with(_ change: (inout Case) -> Void) -> Case {
        var copy = self
        change(&copy)
        return copy
    }

    private var fewerClauses: [Case] {
        var result: [Case] = []
        let egress = policy.egress, files = policy.files, processes = policy.processes
        if egress.tcp.orNone != .none { result.append(with { $0.policy.egress.tcp = nil }) }
        if egress.udp.orNone != .none { result.append(with { $0.policy.egress.udp = nil }) }
        if egress.unix.orNone != .none { result.append(with { $0.policy.egress.unix = nil }) }
        if egress.dns.orNone != .none { result.append(with { $0.policy.egress.dns = nil }) }
        if egress.names.orNone != .none { result.append(with { $0.policy.egress.names = nil }) }
        if policy.ingress.tcp.orNone != .none { result.append(with { $0.policy.ingress.tcp = nil }) }
        if files.executable != .none { result.append(with { $0.policy.files.execute = nil }) }
        if files.metadata?.value == .owned { result.append(with { $0.policy.files.metadata = nil }) }
        if files.tmp?.value == .private { result.append(with { $0.policy.files.tmp = nil }) }
        if files.proc?.value == .session { result.append(with { $0.policy.files.proc = nil }) }
        if processes.spawning == .any { result.append(with { $0.policy.processes.spawn = nil }) }
        if processes.tasks != nil { result.append(with { $0.policy.processes.tasks = nil }) }
        if processes.memory != nil { result.append(with { $0.policy.processes.memory = nil }) }
        if processes.cpu != nil { result.append(with { $0.policy.processes.cpu = nil }) }
        return result
    }

    private var shorterLists: [Case] {
        var result: [Case] = []
        for index in policy.files.readable.indices { result.append(with { $0.policy.files.read?.remove(at: index) }) }
        for index in policy.files.writable.indices { result.append(with { $0.policy.files.write?.remove(at: index) }) }
        result += policy.files.executable.paths.shortened.map { paths in with { $0.policy.files.execute = .paths(paths) } }
        for clause in [\EgressClause.tcp, \EgressClause.udp] {
            result += policy.egress[keyPath: clause].orNone.shortened.map { grant in
                with { $0.policy.egress[keyPath: clause] = Located(grant, at: InventedPolicies.place) }
            }
        }
        result += policy.ingress.tcp.orNone.shortened.map { grant in
            with { $0.policy.ingress.tcp = Located(grant, at: InventedPolicies.place) }
        }
        if case .paths(let paths) = policy.egress.unix.orNone {
            result += paths.shortened.map { less in with { $0.policy.egress.unix = Located(.paths(less), at: InventedPolicies.place) } }
        }
        return result
    }

    private var fewerMechanisms: [Case] {
        Mechanism.allCases.filter(host.has).map { mechanism in with { $0.host.observations[mechanism] = nil } }
    }

    private var lessProtected: [Case] { launch.protected.isEmpty ? [] : [with { $0.launch.protected = [] }] }
}

extension Array {
    /// Each with one element less, and never none.
    fileprivate var shortened: [[Element]] {
        count < 2 ? [] : indices.map { index in enumerated().filter { $0.offset != index }.map(\.element) }
    }
}

extension EndpointGrant {
    fileprivate var shortened: [EndpointGrant] {
        guard case .endpoints(let list) = self else { return [] }
        return list.shortened.map { .endpoints($0) }
    }
}

extension Case: CustomStringConvertible {
    /// The policy as text much like its own, and the host.
    var description: String {
        let egress = policy.egress, files = policy.files, processes = policy.processes
        var lines = ["server: {user: \(policy.server.user?.value.rawValue ?? "absent")}"]
        for (name, grant) in [
            ("egress.tcp", egress.tcp.orNone), ("egress.udp", egress.udp.orNone), ("ingress.tcp", policy.ingress.tcp.orNone),
        ]
        where grant != .none {
            lines.append("\(name): \(grant == .any ? "any" : "\(grant.patterns.map(\.description))")")
        }
        if egress.unix.orNone != .none {
            lines.append("egress.unix: \(egress.unix.orNone == .any ? "any" : "\(egress.unix.orNone.granted)")")
        }
        if case .host(let servers) = egress.dns.orNone { lines.append("egress.dns: host  # \(servers.map(\.description))") }
        if egress.names.orNone != .none { lines.append("egress.names: \(egress.names.orNone.patterns.map(\.description))") }
        let lists = [("read", files.readable), ("write", files.writable), ("execute", files.executable.paths)]
        for (name, paths) in lists where !paths.isEmpty { lines.append("files.\(name): \(paths.map(\.found.resolved))") }
        lines.append(
            "files: {metadata: \(files.metadata?.value.rawValue ?? "none"), protect: \(files.protection.rawValue), "
                + "tmp: \(files.tmp?.value.rawValue ?? "none"), proc: \(files.proc?.value.rawValue ?? "none")}")
        lines.append("processes: {spawn: \(processes.spawning.rawValue)}  # \(PolicyMeaning(policy, launching: launch).limits)")
        lines.append("# protected: \(launch.protected)")
        lines.append(
            "# host: \(host.custody.rawValue), Landlock ABI \(host.landlockABI): \(Mechanism.allCases.filter(host.has).map(\.rawValue))")
        return lines.joined(separator: "\n")
    }
}
