import Policy
import PolicyText
import Testing

@Suite("What was found, held against the policy")
struct ResolvingTests {
    private static func facts(_ resolved: String, _ kind: PathFacts.Kind = .directory, filesystem: UInt64 = 0xEF53) -> PathFacts {
        PathFacts(
            resolved: resolved, kind: kind, device: 1, inode: 2, linkCount: 1, owner: 0, group: 0, mode: 0o755, filesystem: filesystem)
    }

    private func resolve(_ clause: String, _ findings: PathFinding...) -> [String] {
        do {
            _ = try expanded("sandboxd: 1\nfiles: {\(clause)}\n").resolved(with: findings)
            return []
        } catch { return error.reasons.all.map { brief($0, facts: ["path", "error", "component", "resolved", "kind", "expected"]) } }
    }

    @Test(
        "R301, R303, R307, R308, each at its path",
        arguments: [
            ("read: [/a]", .failed(error: "ENOENT", component: "/a"), ["R301 2:16+2 path=/a error=ENOENT component=/a"]),
            ("read: [\"/a?\"]", .failed(error: "EACCES", component: "/a"), ["R301 2:16+5 path=/a error=EACCES component=/a"]),
            ("read: [/a]", .timedOut, ["R308 2:16+2 path=/a"]),
            ("write: [/a]", .found(facts("/proc/sys")), ["R303 2:17+2 path=/a resolved=/proc/sys"]),
            ("read: [/a]", .found(facts("/sys")), ["R303 2:16+2 path=/a resolved=/sys"]),
            ("read: [/a]", .found(facts("/system")), []),
            ("read: [/a]", .found(facts("/")), ["R303 2:16+2 path=/a resolved=/"]),
            ("read: [/a]", .found(facts("/mnt/p", filesystem: 0x9FA0)), ["R303 2:16+2 path=/a resolved=/mnt/p"]),
            ("read: [/a]", .found(facts("/mnt/c", filesystem: 0x6367_7270)), ["R303 2:16+2 path=/a resolved=/mnt/c"]),
            ("read: [/a]", .found(facts("/a", .other)), ["R307 2:16+2 path=/a kind=other expected=directory or file"]),
            ("read: [/a]", .found(facts("/a", .file)), []),
            ("execute: [/a]", .found(facts("/a", .file)), []),
            ("write: [/a]", .found(facts("/a", .file)), []),
            ("read: [/a]", .found(facts("/a", .socket)), ["R307 2:16+2 path=/a kind=socket expected=directory or file"]),
            (
                "write: [/a]", .found(facts("/proc", .other)),
                ["R303 2:17+2 path=/a resolved=/proc", "R307 2:17+2 path=/a kind=other expected=directory or file"]
            ),
            ("read: [\"/a?\"]", .failed(error: "ENOENT", component: "/a"), []),
            ("read: [\"/a?\"]", .failed(error: "ENOTDIR", component: "/a"), []),
        ] as [(String, PathFinding, [String])])
    func judged(clause: String, finding: PathFinding, reasons: [String]) {
        #expect(resolve(clause, finding) == reasons)
    }

    @Test(
        "the server starts in a directory, whatever lies there",
        arguments: [
            (.found(facts("/srv")), []), (.found(facts("/")), []),
            (.found(facts("/srv", .file)), ["R307 3:15+4 path=/srv kind=file expected=directory"]),
            (.found(facts("/proc/1")), ["R303 3:15+4 path=/srv resolved=/proc/1"]),
            (.failed(error: "ENOENT", component: "/srv"), ["R301 3:15+4 path=/srv error=ENOENT component=/srv"]),
            (.timedOut, ["R308 3:15+4 path=/srv"]),
        ] as [(PathFinding, [String])])
    func entered(finding: PathFinding, reasons: [String]) {
        #expect(resolve("proc: none}\nserver: {cwd: /srv", finding) == reasons)
    }

    @Test("all reasons are told, and what was found becomes grants in order")
    func all() throws {
        let missing = PathFinding.failed(error: "ENOENT", component: "/x")
        #expect(resolve("read: [/a, /b], write: [/c]", missing, .timedOut, missing).count == 3)
        let policy = try expanded("sandboxd: 1\nfiles: {read: [/a, \"/b?\"], write: [/c], execute: [/d]}\n").resolved(
            with: [.found(Self.facts("/real")), missing, .found(Self.facts("/c")), .found(Self.facts("/d", .file))])
        #expect(policy.files.readable.map(\.path) == ["/a"])
        #expect(policy.files.readable.map(\.found.resolved) == ["/real"])
        #expect(policy.files.writable.map(\.path) == ["/c"])
        guard case .paths(let paths) = policy.files.executable else { return #expect(Bool(false)) }
        #expect(paths.map(\.path) == ["/d"])
    }

    @Test("egress.unix takes sockets and nothing else")
    func sockets() throws {
        let expanded = try expanded("sandboxd: 1\negress: {unix: [/run/a.sock, \"/run/b.sock?\"]}\nfiles: {read: [/x]}\n")
        #expect(expanded.requestedPaths.map(\.purpose) == [.connect, .connect, .read])
        let missing = PathFinding.failed(error: "ENOENT", component: "/run/b.sock")
        let policy = try expanded.resolved(
            with: [.found(Self.facts("/run/a.sock", .socket)), missing, .found(Self.facts("/x"))])
        guard case .paths(let paths) = policy.egress.unix.orNone else { return #expect(Bool(false)) }
        #expect(paths.map(\.path) == ["/run/a.sock"])
        #expect(policy.egress.unix?.location == SourceLocation(file: "p.yaml", line: 2, column: 10, length: 4))
        let refusal = #expect(throws: Refusal.self) {
            try expanded.resolved(with: [.found(Self.facts("/run/a.sock", .file)), missing, .found(Self.facts("/x"))])
        }
        #expect(refusal?.reasons.all.map { brief($0, facts: ["kind", "expected"]) } == ["R307 2:17+11 kind=file expected=socket"])
    }

    @Test("R310: dns: host is what the finder saw, and refused where it saw nothing that can be named")
    func nameservers() throws {
        let expanded = try expanded("sandboxd: 1\negress:\n  dns: host\n")
        #expect(expanded.needsNameservers)
        let found = FoundNameservers(addresses: [.v4(0x0102_0304)], leftOut: ["fe80::1%eth0"])
        #expect(try expanded.resolved(with: [], nameservers: found).egress.dns.orNone == .host(nameservers: [.v4(0x0102_0304)]))
        let none = FoundNameservers(leftOut: ["fe80::1%eth0"])
        for (found, facts) in [
            (none, " leftOut=fe80::1%eth0"), (FoundNameservers(error: "EACCES"), " error=EACCES"), (FoundNameservers(), ""),
        ] {
            let refusal = #expect(throws: Refusal.self) { try expanded.resolved(with: [], nameservers: found) }
            #expect(
                refusal?.reasons.all.map { brief($0, facts: ["file", "leftOut", "error"]) } == ["R310 3:8+4 file=/etc/resolv.conf\(facts)"])
        }
        #expect(try !self.expanded("sandboxd: 1\negress: {dns: none}\n").needsNameservers)
    }

    private func expanded(_ text: String) throws(Refusal) -> ExpandedPolicy { try PolicyTextTests.expanded(text) }
}
