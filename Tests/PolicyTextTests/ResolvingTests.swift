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
            ("write: [/a]", .found(facts("/a", .file)), ["R307 2:17+2 path=/a kind=file expected=directory"]),
            (
                "write: [/a]", .found(facts("/proc", .other)),
                ["R303 2:17+2 path=/a resolved=/proc", "R307 2:17+2 path=/a kind=other expected=directory"]
            ),
            ("read: [\"/a?\"]", .failed(error: "ENOENT", component: "/a"), []),
            ("read: [\"/a?\"]", .failed(error: "ENOTDIR", component: "/a"), []),
        ] as [(String, PathFinding, [String])])
    func judged(clause: String, finding: PathFinding, reasons: [String]) {
        #expect(resolve(clause, finding) == reasons)
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
}
