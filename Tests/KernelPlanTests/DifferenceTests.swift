import KernelPlan
import Policy
import TestSupport
import Testing

/// What one policy permits and another does not, held against what both mean, operation by operation.
@Suite struct DifferenceTests {
    typealias Act = Samples.Act

    private static func resolved(_ policy: Policy) -> ResolvedPolicy { ResolvedPolicy(policy, launching: InventedPolicies.launch()) }

    private static func difference(_ first: Policy, _ second: Policy) -> PolicyDifference {
        PolicyDifference(from: resolved(first), to: resolved(second))
    }

    /// Whether a part holds the operation.
    private static func holds(_ part: PermittedPart, _ operation: Act) -> Bool {
        switch (part, operation) {
        case (.endpoints(.connectTCP, let part), .connect(.connect, let address, let port)): part.set.contains(address, port)
        case (.paths(.read, let part), .file(.read, let path)), (.paths(.list, let part), .file(.list, let path)),
            (.paths(.execute, let part), .execute(let path)):
            part.contains(path)
        case (.paths(.write, let part), .file(let act, let path)):
            ![.read, .list, .makeDevice, .leaveDevice, .makeFIFO, .makeSocket].contains(act) && part.contains(path)
        case (.grant(.processes), .makeProcess): true
        default: false
        }
    }

    @Test("an operation is in the difference of two policies exactly when one permits it and the other does not")
    func equalsMeanings() {
        var cases = RandomCases(seed: MeaningTests.seed)
        let launch = InventedPolicies.launch()
        for index in 0..<min(MeaningTests.count / 5, 500) {
            let (first, second) = (cases.filesAndTCP(), cases.filesAndTCP())
            let (before, after) = (PolicyMeaning(first, launching: launch), PolicyMeaning(second, launching: launch))
            let changes = Self.difference(first, second).changes
            for operation in Samples.simple where Self.isJudged(operation, launch) {
                let (old, new) = (before.permits(operation), after.permits(operation))
                let isAdded = changes.contains { if case .permits(let part) = $0 { Self.holds(part, operation) } else { false } }
                let isRemoved = changes.contains { if case .withholds(let part) = $0 { Self.holds(part, operation) } else { false } }
                guard isAdded == (new && !old), isRemoved == (old && !new) else {
                    Issue.record("seed \(MeaningTests.seed), case \(index): \(operation) was \(old), is \(new); \(changes)")
                    return
                }
            }
        }
    }

    /// Two places are not a place: what a move needs is said of each end. The floor is everybody's.
    private static func isJudged(_ operation: Act, _ launch: LaunchFacts) -> Bool {
        switch operation {
        case .move: false
        // Names are of the directory that holds them.
        case .file(let act, _) where ![.read, .list, .write, .truncate].contains(act): false
        case .file(_, let path): !launch.floor.contains { $0.resolved == path }
        default: true
        }
    }

    @Test("a policy differs from itself in nothing, however it is written")
    func rewrites() throws {
        let same: [([String], [String])] = [
            (["10.0.0.0/8:443", "10.1.0.0/16:443"], ["10.0.0.0/8:443"]), (["*:1-80", "*:81-443"], ["*:1-443"]),
            (["10.0.0.0/9:*", "10.128.0.0/9:*"], ["10.0.0.0/8:*"]), (["0.0.0.0/0:22", "[::/0]:22"], ["*:22"]),
            (["0.0.0.0:80"], ["127.0.0.1:80"]), (["public:443", "10.0.0.0/8:443"], ["10.0.0.0/8:443", "public:443", "8.8.8.8:443"]),
        ]
        for (left, right) in same {
            let first = try EndpointSet(left.map { try EndpointPattern($0) })
            #expect(try first == EndpointSet(right.map { try EndpointPattern($0) }), "\(left) \(right)")
        }
        var cases = RandomCases(seed: 1)
        for _ in 0..<50 {
            let policy = cases.policy()
            #expect(Self.difference(policy, policy).isEmpty)
        }
    }

    @Test("endpoints are said in the words of the policy, less what was permitted before")
    func endpointParts() throws {
        func parts(_ old: [String], _ new: [String]) throws -> [PermittedPart] {
            var (first, second) = (InventedPolicies.policy(), InventedPolicies.policy())
            let located = { (texts: [String]) in try texts.map { Located(try EndpointPattern($0), at: InventedPolicies.place) } }
            first.egress.tcp = Located(.endpoints(try located(old)), at: InventedPolicies.place)
            second.egress.tcp = Located(.endpoints(try located(new)), at: InventedPolicies.place)
            return Self.difference(first, second).changes.compactMap { if case .permits(let part) = $0 { part } else { nil } }
        }
        #expect(
            try parts(["192.0.2.1:443"], ["192.0.2.1:443", "10.0.0.0/8:5432"]) == [
                .endpoints(.connectTCP, EndpointPart(try EndpointPattern("10.0.0.0/8:5432")))
            ])
        #expect(
            try parts(["10.0.0.0/8:5432", "192.0.2.1:443"], ["*:5432"]) == [
                .endpoints(.connectTCP, EndpointPart(try EndpointPattern("*:5432"), besides: [try EndpointPattern("10.0.0.0/8:5432")]))
            ])
    }

    @Test(
        "names are said in the words of the policy, less what was permitted before",
        arguments: [
            (["a.b:443"], ["a.b:443"], []), (["a.b:443"], ["A.B:443", "c:1"], ["c:1"]), (["*.b:443"], ["a.b:443", "c.*.b:1"], []),
            (["a.b:443"], ["*.b:443"], ["*.b:443 - a.b:443"]), (["a.b:1-2", "*.b:3"], ["a.b:1-3"], []),
            (["a.b:1-2"], ["a.b:1-3"], ["a.b:1-3 - a.b:1-2"]),
            (["*:*"], ["plain:a.b:1"], ["plain:a.b:1 - *:*"]), (["plain:*:*"], ["a.b:1", "*:*"], []), (["plain:a.b:1"], ["a.b:1"], []),
            (["x.b:1"], ["*.a.b:1"], ["*.a.b:1"]),
        ] as [([String], [String], [String])])
    func nameParts(old: [String], new: [String], told: [String]) throws {
        let grant = { (texts: [String]) in
            Located(
                NamesGrant.patterns(texts.compactMap { try? Located(NamePattern($0), at: InventedPolicies.place) }),
                at: InventedPolicies.place)
        }
        var (first, second) = (InventedPolicies.policy(), InventedPolicies.policy())
        (first.egress.names, second.egress.names) = (grant(old), grant(new))
        let parts = Self.difference(first, second).changes.compactMap { if case .permits(.names(let part)) = $0 { part } else { nil } }
        #expect(parts.map { ([$0.pattern.description] + $0.besides.map { "- \($0)" }).joined(separator: " ") } == told)
        for name in ["a.b", "c.b", "c", "x.a.b", "b"] {
            for port in 1...4 as ClosedRange<UInt16> {
                for speech in NamePattern.Speech.allCases {
                    let name = try HostName(name)
                    let isNew =
                        second.egress.names.orNone.permits(speech, with: name, port: port)
                        && !first.egress.names.orNone.permits(speech, with: name, port: port)
                    #expect(parts.contains { $0.permits(speech, with: name, port: port) } == isNew)
                }
            }
        }
    }

    @Test("paths are said as trees, less what was permitted before")
    func pathParts() {
        let grant = { (path: String) in InventedPolicies.grant(InventedPolicies.facts(path, inode: 20)) }
        let first = InventedPolicies.policy(write: [grant("/srv/data"), grant("/home/a/project")])
        let second = InventedPolicies.policy(read: [grant("/srv")], write: [grant("/srv")])
        let data = PathRoot("/srv/data", isDirectory: true)
        let srv = PathPart(PathRoot("/srv", isDirectory: true), besides: [data])
        let project = PathPart(PathRoot("/home/a/project", isDirectory: true))
        #expect(
            Self.difference(first, second).changes == [
                .permits(.paths(.read, srv)), .withholds(.paths(.read, project)), .permits(.paths(.list, srv)),
                .withholds(.paths(.list, project)), .permits(.paths(.write, srv)), .withholds(.paths(.write, project)),
            ])
    }

    @Test(
        "a pattern covers another exactly when it matches all that the other does",
        arguments: [
            ("*", "a*", true), ("a*", "a*b", true), ("a*b", "a*", false), ("a*b*c", "abc", true), ("a*b*c", "acb", false),
            ("*x*", "x", true), ("ab", "a*", false), ("a**", "a*", true), ("a*", "a**", true), ("*a", "*ba", true), ("*ba", "*a", false),
        ])
    func covers(left: String, right: String, does: Bool) throws {
        #expect(try #require(ToolPattern(left)).covers(#require(ToolPattern(right))) == does)
    }

    @Test("rules are compared by id: patterns as what they match, arguments as JSON, the order of rules not at all")
    func rules() throws {
        func rule(_ id: String, _ tools: [String], _ effect: Effect = .allow, _ arguments: String? = nil) -> Rule {
            Rule(
                id: id, tools: tools.compactMap { ToolPattern($0) }, effect: effect,
                arguments: arguments.map { JSONText(json: Array($0.utf8)) })
        }
        var (first, second) = (InventedPolicies.policy(), InventedPolicies.policy())
        first.tools.rules = [
            rule("look", ["get_*", "get_note"], .allow, #"{"type":"object","minProperties":1}"#), rule("save", ["save"]),
            rule("gone", ["x"]),
        ]
        second.tools.rules = [
            rule("new", ["y"], .ask), rule("save", ["save"], .deny),
            rule("look", ["get_*"], .allow, #"{"minProperties":1,"type":"object"}"#),
        ]
        second.tools.default = .ask
        #expect(
            Self.difference(first, second).changes == [
                .toolDefault(from: .deny, to: .ask), .rule(id: "new", .added(second.tools.rules[0])),
                .rule(id: "save", .changed(from: first.tools.rules[1], to: second.tools.rules[1], [.effect])),
                .rule(id: "gone", .removed(first.tools.rules[2])),
            ])
    }

    @Test("of what servers ask for, allow is wider than ask, and ask than deny")
    func asks() throws {
        func policy(_ effect: Effect?) -> Policy {
            var policy = InventedPolicies.policy()
            policy.messages.sampling = effect.map { Located($0, at: InventedPolicies.place) }
            return policy
        }
        let all = PermittedPart.messages(.sampling, try #require(ToolPattern("*")))
        let steps: [(Effect?, Effect?, PermittedPart?)] = [
            (nil, .deny, nil), (.deny, .ask, .asked(.sampling)), (.ask, .allow, .unasked(.sampling)), (nil, .allow, all), (.ask, .ask, nil),
        ]
        for (narrow, wide, part) in steps {
            #expect(Self.difference(policy(narrow), policy(wide)).changes == (part.map { [.permits($0)] } ?? []))
            #expect(Self.difference(policy(wide), policy(narrow)).changes == (part.map { [.withholds($0)] } ?? []))
        }
    }

    @Test("every clause that grants takes part")
    func clauses() throws {
        let place = InventedPolicies.place
        var second = InventedPolicies.policy()
        second.egress.udp = Located(.any, at: place)
        second.egress.unix = Located(.paths([InventedPolicies.grant(InventedPolicies.facts("/run/x", .other))]), at: place)
        second.egress.dns = Located(.host(nameservers: [.v4(0x0a00_0001)]), at: place)
        second.ingress.tcp = Located(.endpoints([Located(try EndpointPattern("127.0.0.1:8080"), at: place)]), at: place)
        second.files.metadata = Located(.owned, at: place)
        second.files.tmp = Located(.private, at: place)
        second.files.proc = Located(.session, at: place)
        second.processes.tasks = Located(64, at: place)
        second.messages.prompts = Located(.patterns([try #require(ToolPattern("sum*"))]), at: place)
        second.messages.roots = Located(.allow, at: place)
        second.server.environment.pass = [Located(.init(name: "TZ", isOptional: true), at: place)]
        second.server.user = Located(.session, at: place)
        second.evidence.arguments = Located(.full, at: place)
        let changes = Self.difference(InventedPolicies.policy(), second).changes
        let any = EndpointPart(try EndpointPattern("*:*"))
        #expect(
            changes == [
                .setting(.user, from: "caller", to: "session"), .setting(.evidenceArguments, from: "commitment", to: "full"),
                .permits(.variable("TZ")), .permits(.messages(.prompts, try #require(ToolPattern("sum*")))),
                .permits(.messages(.roots, try #require(ToolPattern("*")))),
                .permits(.endpoints(.connectTCP, EndpointPart(try EndpointPattern("10.0.0.1:53")))),
                .permits(.endpoints(.sendUDP, any)), .permits(.endpoints(.listenTCP, EndpointPart(try EndpointPattern("127.0.0.1:8080")))),
                .permits(.paths(.connectUnix, PathPart(PathRoot("/run/x", isDirectory: false)))), .permits(.grant(.ownedMetadata)),
                .permits(.grant(.temporaryFiles)), .permits(.grant(.processFiles)), .limit(.tasks, from: nil, to: 64),
            ])
        #expect(Self.difference(second, InventedPolicies.policy()).changes.count == changes.count)
    }
}
