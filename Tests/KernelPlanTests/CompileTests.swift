import KernelPlan
import Policy
import StrictJSON
import Testing

@Suite struct CompileTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var policy: Policy
        var host: HostProfile
        var launch: LaunchFacts
        var codes: [ReasonCode]
    }

    static let home = InventedPolicies.facts("/home/a", inode: 30, owner: 1_000)
    static let secret = InventedPolicies.facts("/home/b", inode: 31, owner: 2_000, mode: 0o700)

    static let manyRanges = EndpointGrant.endpoints(
        (1...33).map { Located(try! EndpointPattern("10.0.0.0/8:\($0 * 10)"), at: InventedPolicies.place) })

    static let cases: [Case] = [
        Case(
            testDescription: "by address without programs",
            policy: InventedPolicies.policy(tcp: InventedPolicies.endpoints("192.0.2.1:443")),
            host: InventedHosts.named("daemon-without-bpf", abi: 7), launch: InventedPolicies.launch(),
            codes: [.mechanismUnavailable, .mechanismUnavailable]),
        Case(
            testDescription: "by address without a daemon",
            policy: InventedPolicies.policy(tcp: InventedPolicies.endpoints("192.0.2.1:443")),
            host: InventedHosts.named("unprivileged", abi: 7), launch: InventedPolicies.launch(), codes: [.needsDaemon]),
        Case(
            testDescription: "a user of its own without a daemon", policy: InventedPolicies.policy(user: .session),
            host: InventedHosts.named("unprivileged", abi: 7), launch: InventedPolicies.launch(), codes: [.needsDaemon]),
        Case(
            testDescription: "root as caller", policy: InventedPolicies.policy(user: .caller), host: InventedHosts.named("daemon", abi: 7),
            launch: InventedPolicies.launch(uid: 0), codes: [.rootTarget]),
        Case(
            testDescription: "the caller's uid below Landlock ABI 6", policy: InventedPolicies.policy(user: .caller),
            host: InventedHosts.named("daemon", abi: 2), launch: InventedPolicies.launch(), codes: [.mechanismUnavailable]),
        Case(
            testDescription: "writing below Landlock ABI 2",
            policy: InventedPolicies.policy(write: [InventedPolicies.grant(InventedPolicies.facts("/srv", mode: 0o777))], user: .session),
            host: InventedHosts.named("daemon", abi: 1), launch: InventedPolicies.launch(), codes: [.inexpressible]),
        Case(
            testDescription: "a CIDR without a daemon", policy: InventedPolicies.policy(tcp: InventedPolicies.endpoints("10.0.0.0/8:443")),
            host: InventedHosts.named("unprivileged", abi: 7), launch: InventedPolicies.launch(), codes: [.needsDaemon]),
        Case(
            testDescription: "more ports than Landlock could name, without a daemon",
            policy: InventedPolicies.policy(tcp: InventedPolicies.endpoints("*:1-65535")),
            host: InventedHosts.named("unprivileged", abi: 7),
            launch: InventedPolicies.launch(), codes: [.needsDaemon]),
        Case(
            testDescription: "more separate ranges than a region can hold", policy: InventedPolicies.policy(tcp: manyRanges),
            host: InventedHosts.named("daemon", abi: 7), launch: InventedPolicies.launch(), codes: [.inexpressible]),
        Case(
            testDescription: "a directory that its user cannot enter",
            policy: InventedPolicies.policy(read: [InventedPolicies.grant(secret)], user: .caller),
            host: InventedHosts.named("daemon", abi: 7),
            launch: InventedPolicies.launch(), codes: [.unusableGrant]),
        Case(
            testDescription: "writing what holds the policy",
            policy: InventedPolicies.policy(write: [InventedPolicies.grant(home)], user: .caller),
            host: InventedHosts.named("daemon", abi: 7),
            launch: InventedPolicies.launch(cages: [.init(path: "/home/a/policy.yaml", what: "the policy")]), codes: [.ownCage]),
        Case(
            testDescription: "writing what git would run",
            policy: InventedPolicies.policy(write: [InventedPolicies.grant(home)], user: .caller),
            host: InventedHosts.daemon(abi: 7, without: [.mountNamespace]),
            launch: InventedPolicies.launch(protected: ["/home/a/.git/hooks", "/home/ab/.bashrc"]), codes: [.protectedFile]),
        Case(
            testDescription: "no Landlock at all", policy: InventedPolicies.policy(user: .session),
            host: InventedHosts.named("daemon", abi: 0),
            launch: InventedPolicies.launch(), codes: [.mechanismUnavailable]),
    ]

    @Test("a host that cannot enforce exactly is refused, with every reason", arguments: cases)
    func refuses(_ testCase: Case) {
        let refusal = #expect(throws: Refusal.self) { try compile(testCase.policy, for: testCase.host, launching: testCase.launch) }
        #expect(refusal?.reasons.all.map(\.code) == testCase.codes)
    }

    @Test("a link that lies in a write grant is refused: the session could point it elsewhere")
    func refusesChangeableLinks() {
        let holder = Ancestor(path: "/home/a", owner: 1_000, group: 1_000, mode: 0o755)
        let link = FollowedLink(path: "/home/a/link", target: "/usr/share/dict", holder: holder)
        let linked = InventedPolicies.facts("/usr/share/dict", inode: 40, links: [link])
        let policy = InventedPolicies.policy(
            read: [InventedPolicies.grant(linked)], write: [InventedPolicies.grant(Self.home)], user: .caller)
        let refusal = #expect(throws: Refusal.self) {
            try compile(policy, for: InventedHosts.named("daemon", abi: 7), launching: InventedPolicies.launch())
        }
        #expect(refusal?.reasons.first.code == .changeableLink)
        #expect(refusal?.reasons.first.facts["resolved"] == "/usr/share/dict")
    }

    @Test("a command that env starts would execute twice, and is refused where it may once")
    func refusesEnv() throws {
        var launch = InventedPolicies.launch()
        launch.chain.append(.init(role: .interpreter, facts: InventedPolicies.facts("/usr/bin/env", .file, inode: 102)))
        let host = InventedHosts.named("daemon", abi: 7)
        let refusal = #expect(throws: Refusal.self) { try compile(InventedPolicies.policy(), for: host, launching: launch) }
        #expect(refusal?.reasons.all.map(\.code) == [.inexpressible])
        let listed = InventedPolicies.policy(execute: .paths([InventedPolicies.grant(InventedPolicies.facts("/usr/bin", inode: 60))]))
        _ = try compile(listed, for: host, launching: launch)
    }

    @Test("every mechanism that is absent makes some policy refused, or is not needed by it", arguments: Mechanism.allCases)
    func everyMechanismIsAsked(_ mechanism: Mechanism) throws {
        let host = InventedHosts.daemon(abi: 7, without: [mechanism])
        let policy = InventedPolicies.policy(tcp: InventedPolicies.endpoints("192.0.2.1:443"), user: .caller)
        let isNeeded = [.landlockFiles, .landlockScopes, .seccomp, .seccompNotification, .cgroup, .connectHooks, .pins].contains(mechanism)
        if isNeeded {
            #expect(throws: Refusal.self) { try compile(policy, for: host, launching: InventedPolicies.launch()) }
        } else {
            _ = try compile(policy, for: host, launching: InventedPolicies.launch())
        }
    }

    @Test("receipts that are to outlive the host are refused where nothing does")
    func durability() throws {
        var policy = InventedPolicies.policy()
        let place = SourceLocation(file: "p.yaml", line: 7, column: 24, length: 4)
        policy.clauses.evidence.durability = Located(.disk, at: place)
        var host = InventedHosts.named("daemon", abi: 7)
        host.observations[.durableState] = .works
        let plan = try compile(policy, for: host, launching: InventedPolicies.launch())
        host.observations[.durableState] = .absent("/var/lib/sandboxd/spools is in memory")
        let refusal = #expect(throws: Refusal.self) { try compile(policy, for: host, launching: InventedPolicies.launch()) }
        #expect(refusal?.reasons.all.map(\.code) == [.mechanismUnavailable] && refusal?.reasons.all.first?.location == place)
        policy.clauses.evidence.durability = Located(.process, at: place)
        #expect(try compile(policy, for: host, launching: InventedPolicies.launch()) == plan)
    }

    @Test("a kernel that tells of Landlock's denials changes nothing of a plan but which denials are told")
    func audited() throws {
        let grant = InventedPolicies.grant(InventedPolicies.facts("/usr"))
        let policies = [
            (
                InventedPolicies.policy(tcp: InventedPolicies.endpoints("*:443"), read: [grant]),
                ["egress.tcp", "files.read", "files.write"]
            ),
            (InventedPolicies.policy(tcp: InventedPolicies.endpoints("192.0.2.1:443")), ["egress.tcp", "files.read", "files.write"]),
            (InventedPolicies.policy(execute: .paths([grant])), ["files.read", "files.write", "files.execute"]),
            (InventedPolicies.policy(), ["files.read", "files.write"]),
        ]
        for (policy, told) in policies {
            var host = InventedHosts.named("daemon", abi: 7)
            let silent = try compile(policy, for: host, launching: InventedPolicies.launch())
            host.observations[.auditLog] = .works
            var audited = try compile(policy, for: host, launching: InventedPolicies.launch())
            #expect(audited.observedDenials == told && audited.json != silent.json)
            #expect(audited.text.contains("denials  recorded: \(told.joined(separator: " "))\n"))
            #expect(Set(audited.observedDenials).isSuperset(of: silent.observedDenials))
            #expect(silent.observedDenials == (silent.cgroup == nil ? [] : ["egress.tcp"]))
            #expect(audited.observedDenials.count + audited.unobservedDenials.count == 9)
            audited.landlock.isAudited = false
            #expect(audited == silent)
        }
    }

    @Test("what mounts hide or keep from being changed is not told of, whatever the audit log says")
    func auditedMounts() throws {
        var host = InventedHosts.named("daemon", abi: 7)
        host.observations[.auditLog] = .works
        var plan = try compile(InventedPolicies.policy(), for: host, launching: InventedPolicies.launch())
        plan.mounts = MountPlan(readOnly: ["/home/ann/.git/hooks"])
        #expect(plan.observedDenials == ["files.read"])
        plan.mounts = MountPlan(only: [])
        #expect(plan.observedDenials == [])
    }

    @Test("the unspecified address means loopback, and is keyed so")
    func normalisesTheUnspecifiedAddress() throws {
        let policy = InventedPolicies.policy(tcp: InventedPolicies.endpoints("0.0.0.0:80", "[::]:81"))
        let plan = try compile(policy, for: InventedHosts.named("daemon", abi: 7), launching: InventedPolicies.launch())
        #expect(
            plan.cgroup?.tcp
                == .list(.init(entries: [.init(address: .v6(high: 0, low: 1), port: 81), .init(address: .v4(0x7f00_0001), port: 80)])))
    }

    @Test("a profile is read back as it was written", arguments: InventedHosts.kinds.map(\.name))
    func profilesRoundTrip(_ name: String) throws {
        var host = InventedHosts.named(name, abi: 7)
        host.observations[.connectHooks] = .shared(with: "proxy (id 84), other (id 85)")
        host.observations[.bpfLSM] = .absent("load: EPERM")
        host.unknownSyscalls = ["mseal"]
        let read = try HostProfile(json: host.json)
        #expect(read.json == host.json)
        #expect(Mechanism.allCases.allSatisfy { read[$0] == host[$0] } && read.unknownSyscalls == host.unknownSyscalls)
    }

    @Test("a profile with a member that nobody knows is refused")
    func unknownMembersAreRefused() throws {
        var object = try #require(InventedHosts.named("daemon", abi: 7).json.object)
        object["later"] = true
        #expect(throws: HostProfileProblem.unknownMember("later")) { try HostProfile(json: .object(object)) }
    }
}
