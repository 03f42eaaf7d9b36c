import Policy
import Testing

@Suite("Policies tightened by layers")
struct TighteningTests {
    private static let own = RandomLayers.ofPolicy
    private static let others = RandomLayers.ofLayer

    private static func grant(_ texts: [String], _ place: Place) -> Located<EndpointGrant> {
        if texts == ["none"] { return Located(.none, at: place) }
        if texts == ["any"] { return Located(.any, at: place) }
        return Located(.endpoints(texts.compactMap { try? Located(EndpointPattern($0), at: place) }), at: place)
    }

    private static func tightened(_ clauses: Clauses, _ layer: Clauses) throws(Refusal) -> Clauses {
        try Policy(name: "p", location: own, clauses: clauses).tightened(by: [Layer(name: "acme", location: others, clauses: layer)])
            .clauses
    }

    private static func text(_ grant: Located<EndpointGrant>?) -> [String] {
        switch grant?.value {
        case nil: ["absent"]
        case EndpointGrant.none?: ["none"]
        case .any?: ["any"]
        case .endpoints(let list)?: list.map { "\($0.value) \($0.location.file)" }
        }
    }

    @Test(
        "endpoints intersect by address and by port; what remains keeps the place of the document that says it",
        arguments: [
            (["10.0.0.0/8:443"], ["*:443"], ["10.0.0.0/8:443 p.yaml"]), (["*:*"], ["10.0.0.0/8:443"], ["10.0.0.0/8:443 l.yaml"]),
            (["10.0.0.0/8:*"], ["*:443"], ["10.0.0.0/8:443 p.yaml"]),
            (["10.0.0.0/8:1-100"], ["10.1.0.0/16:50-200"], ["10.1.0.0/16:50-100 p.yaml"]),
            (["10.0.0.0/8:1-50"], ["10.1.0.0/16:50-200"], ["10.1.0.0/16:50 p.yaml"]), (["10.0.0.0/8:1"], ["11.0.0.0/8:1"], ["none"]),
            (["10.0.0.0/8:1"], ["[::/0]:1"], ["none"]), (["public:443"], ["8.8.8.8:443", "10.0.0.1:443"], ["8.8.8.8:443 l.yaml"]),
            (["public:443"], ["8.0.0.0/7:*"], ["8.0.0.0/7:443 p.yaml"]),
            (["public:443"], ["10.0.0.0/7:443"], ["11.0.0.0/8:443 p.yaml"]), (["public:1"], ["public:*"], ["public:1 p.yaml"]),
            (["192.0.2.1:1", "192.0.2.2:1"], ["192.0.2.2:*"], ["192.0.2.2:1 p.yaml"]), (["any"], ["none"], ["none"]),
            (["any"], ["public:443"], ["public:443 l.yaml"]), (["none"], ["any"], ["none"]),
            (["0.0.0.0:1"], ["127.0.0.0/8:1"], ["0.0.0.0:1 p.yaml"]),
        ])
    func endpoints(policy: [String], layer: [String], both: [String]) throws {
        let result = try Self.tightened(
            Clauses(egress: EgressClause(tcp: Self.grant(policy, Self.own))),
            Clauses(egress: EgressClause(tcp: Self.grant(layer, Self.others))))
        #expect(Self.text(result.egress.tcp) == both)
        let ingress = try Self.tightened(
            Clauses(ingress: IngressClause(tcp: Self.grant(policy, Self.own))),
            Clauses(ingress: IngressClause(tcp: Self.grant(layer, Self.others))))
        #expect(Self.text(ingress.ingress.tcp) == both)
    }

    @Test("everything public of a network is a handful of networks, of everything not many more")
    func publicParts() throws {
        for (network, most) in [("172.16.0.0/11:1", 1), ("0.0.0.0/0:1", 80), ("[::/0]:1", 256), ("192.0.0.0/8:1", 24)] {
            let result = try Self.tightened(
                Clauses(egress: EgressClause(tcp: Self.grant(["public:1"], Self.own))),
                Clauses(egress: EgressClause(tcp: Self.grant([network], Self.others))))
            #expect((1...most).contains(Self.text(result.egress.tcp).count), "\(network)")
        }
    }

    @Test("R128: what is too long to be written down is refused at the layer's clause")
    func tooMany() throws {
        let many = (0..<3_000).map { "10.0.\($0 / 250).\($0 % 250):*" }, ports = (1...3_000).map { "10.0.0.0/8:\($0)" }
        do {
            _ = try Self.tightened(
                Clauses(egress: EgressClause(tcp: Self.grant(many, Self.own))),
                Clauses(egress: EgressClause(tcp: Self.grant(ports, Self.others))))
            Issue.record("9,000,000 entries")
        } catch {
            #expect(
                error.reasons.all == [
                    Reason(.inexpressibleTightening, at: Self.others, ["clause": "egress.tcp", "layer": "acme", "problem": "tooMany"])
                ])
        }
    }

    @Test("a name server is permitted by dns or by endpoints, and what one says of it the other may take up")
    func dns() throws {
        let host = DNSGrant.host(nameservers: [.v4(0x0A00_0002), .v4(0x0808_0808)])
        let policy = Clauses(egress: EgressClause(dns: Located(host, at: Self.own)))
        let none = Located(DNSGrant.none, at: Self.others)
        #expect(try Self.tightened(policy, Clauses(egress: EgressClause(dns: none))).egress == EgressClause(dns: none))
        let endpoints = Self.grant(["10.0.0.0/8:*"], Self.others)
        let both = try Self.tightened(policy, Clauses(egress: EgressClause(udp: endpoints, dns: none))).egress
        #expect(both.dns == none && both.tcp == nil)
        #expect(Self.text(both.udp) == ["10.0.0.2:53 p.yaml"])
        let one = Located(DNSGrant.host(nameservers: [.v4(0x0808_0808)]), at: Self.others)
        #expect(try Self.tightened(policy, Clauses(egress: EgressClause(dns: one))).egress.dns?.value == one.value)
        let tcp = Clauses(egress: EgressClause(tcp: Self.grant(["10.0.0.2:*", "1.1.1.1:443"], Self.own)))
        let reached = try Self.tightened(
            tcp, Clauses(egress: EgressClause(tcp: Self.grant(["1.1.1.1:*"], Self.others), dns: Located(host, at: Self.others))))
        #expect(Self.text(reached.egress.tcp) == ["1.1.1.1:443 p.yaml", "10.0.0.2:53 l.yaml"])
    }

    private static func paths(_ paths: [GrantedPath]?) -> [String]? { paths?.map { "\($0.path) \($0.location.file)" } }

    private static func grants(_ paths: [String], _ place: Place) -> [GrantedPath] {
        paths.map { RandomLayers.grant($0, .directory, place) }
    }

    @Test(
        "of nested trees the deeper one remains, with its place",
        arguments: [
            (["/a"], ["/a/b", "/c"], ["/a/b l.yaml"]), (["/a/b"], ["/a"], ["/a/b p.yaml"]), (["/a"], ["/ab"], []),
            (["/a"], ["/a"], ["/a p.yaml"]),
            (["/"], ["/x", "/x/y"], ["/x l.yaml", "/x/y l.yaml"]), (["/a", "/b"], ["/b/c", "/a"], ["/a p.yaml", "/b/c l.yaml"]),
            (["/a"], [], []),
        ])
    func trees(policy: [String], layer: [String], both: [String]) throws {
        let result = try Self.tightened(
            Clauses(files: FilesClause(read: Self.grants(policy, Self.own))),
            Clauses(files: FilesClause(read: Self.grants(layer, Self.others))))
        #expect(Self.paths(result.files.read) == both)
        let execute = try Self.tightened(
            Clauses(files: FilesClause(execute: .paths(Self.grants(policy, Self.own)))),
            Clauses(files: FilesClause(execute: layer.isEmpty ? ExecuteGrant.none : .paths(Self.grants(layer, Self.others)))))
        switch execute.files.execute {
        case .paths(let paths)?: #expect(Self.paths(paths) == both)
        case ExecuteGrant.none?, nil: #expect(both.isEmpty)
        }
    }

    @Test("writing that a layer takes away leaves reading, unless the layer takes that too")
    func writing() throws {
        let policy = Clauses(files: FilesClause(read: Self.grants(["/r"], Self.own), write: Self.grants(["/w"], Self.own)))
        let noWrite = try Self.tightened(policy, Clauses(files: FilesClause(write: []))).files
        #expect(Self.paths(noWrite.read) == ["/r p.yaml", "/w p.yaml"] && noWrite.write == [])
        let nothing = try Self.tightened(policy, Clauses(files: FilesClause(read: [], write: []))).files
        #expect(nothing.read == [] && nothing.write == [])
        let noRead = try Self.tightened(policy, Clauses(files: FilesClause(read: []))).files
        #expect(noRead.read == [] && Self.paths(noRead.write) == ["/w p.yaml"])
        let readOnly = try Self.tightened(policy, Clauses(files: FilesClause(read: Self.grants(["/w/x"], Self.others), write: []))).files
        #expect(Self.paths(readOnly.read) == ["/w/x l.yaml"] && readOnly.write == [])
    }

    @Test("a file is one inode: another one of the same name is another file")
    func inodes() throws {
        var replaced = RandomLayers.grant("/f", .file, Self.others)
        replaced.found.inode += 1
        let policy = Clauses(files: FilesClause(read: [RandomLayers.grant("/f", .file)]))
        #expect(try Self.tightened(policy, Clauses(files: FilesClause(read: [replaced]))).files.read == [])
        #expect(try Self.tightened(policy, policy).files.read == policy.files.read)
    }

    @Test("single values: the narrower, the smaller, the stronger")
    func scalars() throws {
        let wide = Clauses(
            server: ServerClause(user: Located(.caller, at: Self.own)),
            files: FilesClause(
                metadata: Located(.owned, at: Self.own), protect: Located(Protect.none, at: Self.own), tmp: Located(.private, at: Self.own),
                proc: Located(.session, at: Self.own)),
            processes: ProcessesClause(
                spawn: Located(.any, at: Self.own), tasks: Located(64, at: Self.own), cpu: Located(50, at: Self.own)),
            evidence: EvidenceClause(keep: Located(.seconds(10), at: Self.own)))
        let narrow = Clauses(
            server: ServerClause(user: Located(.session, at: Self.others)),
            files: FilesClause(
                metadata: Located(MetadataGrant.none, at: Self.others), protect: Located(.clients, at: Self.others),
                tmp: Located(TemporaryFiles.none, at: Self.others), proc: Located(ProcessFiles.none, at: Self.others)),
            processes: ProcessesClause(
                spawn: Located(ProcessesClause.Spawn.none, at: Self.others), tasks: Located(10, at: Self.others),
                memory: Located(1 << 30, at: Self.others), cpu: Located(100, at: Self.others)),
            evidence: EvidenceClause(
                arguments: Located(.full, at: Self.others), durability: Located(.disk, at: Self.others),
                keep: Located(.forever, at: Self.others)))
        var both = narrow
        both.processes.cpu = wide.processes.cpu
        #expect(try Self.tightened(wide, narrow) == both)
        var kept = narrow
        kept.evidence = narrow.evidence
        kept.processes.cpu = narrow.processes.cpu
        #expect(try Self.tightened(narrow, wide).processes.cpu?.value == 50)
        #expect(try Self.tightened(narrow, wide).files == narrow.files)
        #expect(try Self.tightened(narrow, wide).evidence == narrow.evidence)
        #expect(try Self.tightened(Clauses(), wide).files == FilesClause())
    }

    @Test("only whom both name may approve, within the shorter time")
    func approvals() throws {
        let policy = Clauses(approvals: ApprovalsClause(by: [Located(.caller, at: Self.own), Located(.group("a"), at: Self.own)]))
        let layer = Clauses(
            approvals: ApprovalsClause(
                by: [Located(.group("a"), at: Self.others)], within: Located(60, at: Self.others), wait: Located(100, at: Self.others)))
        let both = try Self.tightened(policy, layer).approvals
        #expect(both.by?.map(\.value) == [.group("a")])
        #expect(both.within?.value == 60 && both.wait == nil)
        let nobody = Clauses(approvals: ApprovalsClause(by: [Located(.group("b"), at: Self.others)]))
        #expect(throws: Refusal.self) { try Self.tightened(policy, nobody) }
        #expect(try Self.tightened(Clauses(), layer).approvals.by?.count == 1)
    }

    @Test(
        "a layer applies by the policy's name and the caller's account",
        arguments: [
            (nil, nil, true), (["notes*"], nil, true), (["*"], ["ann"], true), (["x"], nil, false), (["notes-1", "*-2"], nil, false),
            (nil, ["bo"], false), (["n*t*s"], ["bo", "ann"], true), (["notes"], ["bo"], false), (["n*ts*s"], nil, false),
        ] as [([String]?, [String]?, Bool)])
    func applies(policies: [String]?, users: [String]?, holds: Bool) {
        let applies = Layer.AppliesTo(policies: policies?.compactMap { ToolPattern($0) }, users: users)
        #expect(applies.holds(policy: "notes", user: "ann") == holds)
        #expect(applies.holds(policy: "notes", user: nil) == (holds && users == nil))
    }
}
