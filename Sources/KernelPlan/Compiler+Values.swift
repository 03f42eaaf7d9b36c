import Policy

extension Compiler {
    /// The text refuses these already; a value that was made otherwise must not pass for one that denotes something.
    mutating func checkValues() {
        checkNamesAlone()
        for grant in [policy.egress.tcp, policy.egress.udp, policy.ingress.tcp] {
            guard case .endpoints(let list)? = grant?.value else { continue }
            for endpoint in list {
                guard let problem = endpoint.value.problem else { continue }
                refuse(.badEndpoint, at: endpoint.location, ["endpoint": endpoint.value.description, "problem": problem.rawValue])
            }
        }
        if case .host(let servers)? = policy.egress.dns?.value {
            for server in servers {
                guard let problem = server.problem else { continue }
                refuse(.badEndpoint, at: policy.egress.dns?.location, ["endpoint": server.description, "problem": problem.rawValue])
            }
        }
        for (place, limit) in [("tasks", policy.processes.tasks), ("memory", policy.processes.memory), ("cpu", policy.processes.cpu)] {
            guard let limit, limit.value < 1 else { continue }
            refuse(.badValue, at: limit.location, ["place": "processes.\(place)", "value": "\(limit.value)", "expected": "at least 1"])
        }
    }

    /// Where something else leads out of the session, too, the proxy's clients cannot be told from others yet.
    private mutating func checkNamesAlone() {
        guard let names = policy.egress.names, names.value != .none else { return }
        let clauses: [(String, Bool)] = [
            ("egress.tcp", policy.egress.tcp.orNone != .none), ("egress.udp", policy.egress.udp.orNone != .none),
            ("egress.unix", policy.egress.unix.orNone != .none), ("egress.dns", policy.egress.dns.orNone != .none),
            ("ingress.tcp", policy.ingress.tcp.orNone != .none),
        ]
        for (clause, isThere) in clauses where isThere {
            refuse(.notEnforcedYet, at: names.location, ["place": "egress.names", "beside": clause])
        }
    }
}
