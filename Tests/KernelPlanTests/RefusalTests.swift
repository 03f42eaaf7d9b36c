import KernelPlan
import Policy
import TestSupport
import Testing

/// When a policy is refused, and when it must not be.
@Suite struct RefusalTests {
    @Test("a host that has everything refuses no clause", arguments: InventedPolicies.named.map(\.name))
    func isNotSpurious(_ name: String) throws {
        let invented = InventedPolicies.named.first { $0.name == name }!
        _ = try compile(invented.policy, for: InventedHosts.everything, launching: invented.launch)
    }

    @Test("more mechanisms never turn a plan into a refusal")
    func isMonotone() {
        var cases = RandomCases(seed: MeaningTests.seed)
        for index in 0..<(MeaningTests.count / 5) {
            var subject = cases.next()
            guard subject.plan != nil else { continue }
            for mechanism in Mechanism.allCases.filter({ !subject.host.has($0) }).shuffled(using: &cases.generator) {
                subject.host.observations[mechanism] = .works
                guard subject.plan == nil else { continue }
                Issue.record("seed \(MeaningTests.seed), case \(index): with \(mechanism.rawValue) it is refused\n\(subject)")
                return
            }
            while subject.host.landlockABI < 10 {
                subject.host.landlockABI += 1
                guard subject.plan == nil else { continue }
                Issue.record("seed \(MeaningTests.seed), case \(index): at ABI \(subject.host.landlockABI) it is refused\n\(subject)")
                return
            }
        }
    }

    @Test("the same policy, host and launch give the same plan, however often they are compiled")
    func isDeterministic() {
        var cases = RandomCases(seed: 7)
        for _ in 0..<60 {
            let subject = cases.next()
            let first = Result { try compile(subject.policy, for: subject.host, launching: subject.launch) }
            let second = Result { try compile(subject.policy, for: subject.host, launching: subject.launch) }
            switch (first, second) {
            case (.success(let first), .success(let second)): #expect(first == second && first.text == second.text)
            case (.failure(let first), .failure(let second)): #expect(first as? Refusal == second as? Refusal)
            case (.success, .failure), (.failure, .success): Issue.record("one is refused, the other is not")
            }
        }
    }

    // MARK: Values that no text leads to

    static let strange: [(name: String, change: @Sendable (inout Policy) -> Void, codes: [ReasonCode])] = [
        ("a prefix beyond the address", { $0.egress.tcp = endpoint(.network(.v4(0), prefix: 33)) }, [.badEndpoint]),
        ("a prefix below nothing", { $0.egress.udp = endpoint(.network(.v6(high: 0, low: 0), prefix: -1)) }, [.badEndpoint]),
        ("bits behind the prefix", { $0.ingress.tcp = endpoint(.network(.v4(7), prefix: 8)) }, [.badEndpoint]),
        ("a mapped address", { $0.egress.tcp = endpoint(.one(.v6(high: 0, low: 0xffff_0000_0001))) }, [.badEndpoint]),
        ("a link-local address", { $0.egress.tcp = endpoint(.one(.v6(high: 0xfe80_0000_0000_0000, low: 1))) }, [.badEndpoint]),
        ("port 0", { $0.egress.tcp = endpoint(.any, .one(0)) }, [.badEndpoint]),
        (
            "a link-local nameserver", { $0.egress.dns = Located(.host(nameservers: [.v4(0xa9fe_0001)]), at: InventedPolicies.place) },
            [.badEndpoint]
        ),
        ("no tasks", { $0.processes.tasks = Located(0, at: InventedPolicies.place) }, [.badValue]),
        ("negative memory", { $0.processes.memory = Located(.min, at: InventedPolicies.place) }, [.badValue]),
        ("an empty list of endpoints", { $0.egress.tcp = Located(.endpoints([]), at: InventedPolicies.place) }, []),
        ("an empty list of sockets", { $0.egress.unix = Located(.paths([]), at: InventedPolicies.place) }, []),
        (
            "paths that are none", { $0.files.write = [InventedPolicies.grant(InventedPolicies.facts("", mode: 0o777))] },
            [.ownCage, .ownCage]
        ),
    ]

    private static func endpoint(_ addresses: EndpointPattern.Addresses, _ ports: EndpointPattern.Ports = .any) -> Located<EndpointGrant> {
        let pattern = EndpointPattern(addresses: addresses, ports: ports)
        return Located(.endpoints([Located(pattern, at: InventedPolicies.place)]), at: InventedPolicies.place)
    }

    @Test("a value that no text leads to is refused, or compiled, and never traps", arguments: strange.indices)
    func isTotal(_ index: Int) {
        var policy = InventedPolicies.policy(spawn: .any, user: .session)
        Self.strange[index].change(&policy)
        do throws(Refusal) {
            _ = try compile(policy, for: InventedHosts.everything, launching: InventedPolicies.launch())
            #expect(Self.strange[index].codes == [], "\(Self.strange[index].name)")
        } catch {
            #expect(error.reasons.all.map(\.code) == Self.strange[index].codes, "\(Self.strange[index].name)")
        }
    }

    @Test("a system call without a number here, and programs of others, are told by their own codes")
    func unusualHosts() {
        var host = InventedHosts.everything
        host.unknownSyscalls = ["keyctl", "mount"]
        host.observations[.connectHooks] = .shared(with: "connect_proxy (id 84)")
        let policy = InventedPolicies.policy(tcp: InventedPolicies.endpoints("192.0.2.1:443"))
        let refusal = #expect(throws: Refusal.self) { try compile(policy, for: host, launching: InventedPolicies.launch()) }
        #expect(refusal?.reasons.all.map(\.code) == [.foreignPrograms, .unknownSyscall, .unknownSyscall])
        #expect(refusal?.reasons.first.facts == ["hook": "connect-hooks", "programs": "connect_proxy (id 84)"])
    }

    // MARK: Clauses that do not go together

    static let codes: [(name: String, policy: Policy, host: HostProfile, launch: LaunchFacts, codes: [ReasonCode])] = [
        (
            "any unix socket beside hooks", InventedPolicies.policy(tcp: InventedPolicies.endpoints("192.0.2.1:443"), unix: .any),
            InventedHosts.everything, InventedPolicies.launch(), [.unixBesideHooks]
        ),
        (
            "unix sockets by path at ABI 8",
            InventedPolicies.policy(unix: .paths([InventedPolicies.socket]), read: [InventedPolicies.project]),
            InventedHosts.daemon(abi: 8, without: [.bpfLSM]), InventedPolicies.launch(), [.unixPathUnavailable]
        ),
        (
            "names beside everything else",
            {
                var policy = InventedPolicies.policy(
                    tcp: InventedPolicies.endpoints("192.0.2.1:443"), udp: .any, unix: .any,
                    dns: .host(nameservers: [IPAddress("192.0.2.53")!]), own: .any)
                policy.egress.names = InventedPolicies.byName(["a.example:443"]).names
                return policy
            }(), InventedHosts.everything, InventedPolicies.launch(), Array(repeating: .notEnforcedYet, count: 5)
        ),
        (
            "names without a network namespace", InventedPolicies.policy(egress: InventedPolicies.byName(["a.example:443"])),
            InventedHosts.daemon(abi: 10, without: [.networkNamespace]), InventedPolicies.launch(), [.mechanismUnavailable]
        ),
        (
            "own endpoints without the filter", InventedPolicies.policy(own: InventedPolicies.endpoints("127.0.0.1:80")),
            InventedHosts.daemon(abi: 10, without: [.ingressFilter]), InventedPolicies.launch(), [.listenWithoutFilter]
        ),
        (
            "every address as one's own", InventedPolicies.policy(own: InventedPolicies.endpoints("0.0.0.0:80")),
            InventedHosts.everything, InventedPolicies.launch(), [.unspecifiedEndpoint]
        ),
        (
            "limits without controllers", InventedPolicies.policy(tasks: 3, memory: 4, cpu: 5),
            InventedHosts.daemon(abi: 10, without: InventedHosts.controllers), InventedPolicies.launch(),
            [.limitWithoutController, .limitWithoutController, .limitWithoutController]
        ),
        (
            "a written file with several names",
            InventedPolicies.policy(write: [InventedPolicies.grant(InventedPolicies.facts("/srv/f", .file, mode: 0o666, names: 2))]),
            InventedHosts.everything, InventedPolicies.launch(), [.severalLinks]
        ),
        (
            "a written socket",
            InventedPolicies.policy(write: [InventedPolicies.grant(InventedPolicies.facts("/srv/s", .socket, mode: 0o666))]),
            InventedHosts.everything, InventedPolicies.launch(), [.wrongFileKind]
        ),
        (
            "a grant below a private /tmp",
            InventedPolicies.policy(read: [InventedPolicies.grant(InventedPolicies.facts("/tmp/x"))], tmp: .private),
            InventedHosts.everything, InventedPolicies.launch(), [.hiddenGrant]
        ),
        (
            "the whole tree, /proc included", InventedPolicies.policy(read: [InventedPolicies.grant(InventedPolicies.facts("/"))]),
            InventedHosts.everything, InventedPolicies.launch(), [.kernelFilesystem]
        ),
        (
            "devices below ABI 5",
            InventedPolicies.policy(read: [InventedPolicies.grant(InventedPolicies.facts("/dev/dri"))], user: .session),
            InventedHosts.daemon(abi: 4), InventedPolicies.launch(), [.inexpressible]
        ),
        (
            "a protected file without a mount namespace", InventedPolicies.policy(write: [InventedPolicies.project]),
            InventedHosts.daemon(abi: 10, without: [.mountNamespace]),
            InventedPolicies.launch(protected: ["/home/a/project/.git/hooks"]), [.protectedFile]
        ),
        (
            "a protected file that is granted itself",
            InventedPolicies.policy(write: [InventedPolicies.grant(InventedPolicies.facts("/home/a/.bashrc", .file, owner: 1_000))]),
            InventedHosts.everything, InventedPolicies.launch(protected: ["/home/a/.bashrc"]), [.protectedFile]
        ),
    ]

    @Test("each has its own code", arguments: codes.indices)
    func hasItsCode(_ index: Int) {
        let item = Self.codes[index]
        let refusal = #expect(throws: Refusal.self) { try compile(item.policy, for: item.host, launching: item.launch) }
        #expect(refusal?.reasons.all.map(\.code) == item.codes, "\(item.name)")
    }

    // MARK: Choosing

    static func held(_ policy: Policy, _ host: HostProfile) throws -> [String: Choice] {
        let plan = try compile(policy, for: host, launching: InventedPolicies.launch())
        return Dictionary(plan.choices.map { ($0.clause, $0) }, uniquingKeysWith: { first, _ in first })
    }

    @Test("of several exact plans the one without privilege is taken, then the one with the fewest mechanisms, and the plan says why")
    func takesTheFewest() throws {
        let all = InventedHosts.daemon(abi: 10)
        let closed = try Self.held(InventedPolicies.policy(), all)["egress"]
        #expect(
            closed == Choice("egress", by: [.seccomp], because: .noPrivilege, others: [[.landlockTCP], [.cgroup, .connectHooks, .pins]]))
        let byPort = try Self.held(InventedPolicies.policy(tcp: InventedPolicies.endpoints("*:443")), all)["egress"]
        #expect(byPort == Choice("egress", by: [.landlockTCP], because: .noPrivilege, others: [[.cgroup, .connectHooks, .pins]]))
        let old = try Self.held(
            InventedPolicies.policy(tcp: InventedPolicies.endpoints("*:443"), user: .session), InventedHosts.daemon(abi: 3))
        #expect(old["egress"] == Choice("egress", by: [.cgroup, .connectHooks, .pins], because: .onlyHere))
        let byAddress = try Self.held(InventedPolicies.policy(tcp: InventedPolicies.endpoints("192.0.2.1:443")), all)["egress"]
        #expect(byAddress == Choice("egress", by: [.cgroup, .connectHooks, .pins], because: .onlyExact))
        let unix = try Self.held(InventedPolicies.policy(unix: .paths([InventedPolicies.socket])), all)
        #expect(unix["egress.unix"]?.mechanisms == [.landlockScopes, .landlockUnix])
    }
}
