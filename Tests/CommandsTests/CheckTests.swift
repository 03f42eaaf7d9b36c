import Descriptors
import Glibc
import KernelPlan
import Policy
import StrictJSON
import TestSupport
import Testing

@testable import Commands

@Suite struct CheckTests {
    private let scratch: ScratchDirectory
    private let hosts: String

    init() throws {
        scratch = try ScratchDirectory()
        for name in ["hosts", "p", "p/deep", "p/.git", "empty"] { try WorkingDirectory().makeDirectory("\(scratch.path)/\(name)") }
        for custody in [Custody.daemon, .user] {
            let host = try CommandRun.host(custody, in: scratch)
            try WorkingDirectory().rename(host, to: "\(scratch.path)/hosts/\(custody.rawValue).json")
        }
        hosts = scratch.path + "/hosts"
        try write("p/closed.yaml", "sandboxd: 1\nserver: {user: session}\n")
        try write("p/deep/bad.yml", "# ours\nsandboxd: 1\negres: {tcp: any}\n")
        try write("p/deep/other.yaml", "a: 1\n")
        try write("p/.git/hidden.yaml", "sandboxd: 1\nbad: 1\n")
        try write("p/notes.txt", "sandboxd: 1\nbad: 1\n")
    }

    private func write(_ name: String, _ text: String) throws { try CommandRun.write(text, to: "\(scratch.path)/\(name)") }

    private func check(_ words: String...) throws -> CommandRun {
        let run = try CommandRun(["check"] + words, in: scratch)
        return run
    }

    private func shown(_ run: CommandRun) -> String {
        run.output.split(separator: scratch.path, omittingEmptySubsequences: false).joined(separator: "DIR")
    }

    @Test("a directory is searched to its end, for what has a key `sandboxd`")
    func directory() throws {
        let run = try check(scratch.path + "/p/", "--host", hosts + "/daemon.json", "--verbose")
        #expect(
            shown(run) == """
                DIR/p/closed.yaml: exact on DIR/hosts/daemon.json (as saved in `DIR/hosts/daemon.json`)

                DIR/p/deep/bad.yml:3:1: refused[R107]: unknown key `egres`
                   |
                 3 | egres: {tcp: any}
                   | ^~~~~
                   = help: did you mean `egress`?

                DIR/p/deep/bad.yml: refused, 1 reason
                DIR/p/deep/other.yaml: skipped, no key `sandboxd`

                2 policies: 1 exact, 1 refused; 1 other YAML file skipped

                """)
        #expect(run.status == 3)
    }

    @Test("what keeps a search from its end is a finding: a loop, a link to nothing, an empty directory")
    func findings() throws {
        #expect(symlink("..", "\(scratch.path)/p/deep/loop") == 0)
        #expect(symlink("nowhere", "\(scratch.path)/p/gone.yaml") == 0)
        let run = try check(scratch.path + "/p", scratch.path + "/empty", "--host", hosts + "/daemon.json")
        #expect(run.status == 3)
        for line in [
            "refused[R101]: directory `DIR/p/deep/loop` cannot be searched", "refused[R101]: cannot read `DIR/p/gone.yaml`",
            "refused[R101]: directory `DIR/empty` holds no policy",
        ] {
            #expect(shown(run).contains(line))
        }
    }

    @Test("with several hosts there is one table, and each reason once with the hosts on which it holds")
    func table() throws {
        let run = try check(scratch.path + "/p", "--host", hosts)
        let lines = shown(run).split(separator: "\n", maxSplits: 3, omittingEmptySubsequences: false)
        #expect(
            lines.prefix(3).map { $0.split(separator: " ").joined(separator: " ") } == [
                "policy daemon user", "DIR/p/closed.yaml exact refused R202", "DIR/p/deep/bad.yml refused R107 refused R107",
            ])
        #expect(
            lines[3] == """

                DIR/p/closed.yaml:2:16: refused[R202]: `server.user: session` can only be held by a sandboxd that runs as root
                   |
                 2 | server: {user: session}
                   |                ^~~~~~~
                   = why: it takes a uid of the session's own
                   = help: start sandboxd; without it a server runs as you, and never as root
                   = hosts: DIR/hosts/user.json

                DIR/p/deep/bad.yml:3:1: refused[R107]: unknown key `egres`
                   |
                 3 | egres: {tcp: any}
                   | ^~~~~
                   = help: did you mean `egress`?

                2 policies: 0 exact on all hosts, 2 refused; 1 other YAML file skipped

                """)
    }

    @Test("as JSON there is an entry for each policy and host, with the members that scripts rely on")
    func json() throws {
        let run = try check(scratch.path + "/p", "--host", hosts, "--format", "json")
        let document = try JSON(parsing: run.output.utf8.dropLast())
        let entries = try #require(document["policies"]?.array)
        #expect(entries.map { $0["outcome"]?.string } == ["exact", "refused", "refused"])
        #expect(entries.map { $0["host"]?.string.map { String($0.suffix(11)) } } == ["daemon.json", "s/user.json", nil])
        let reason = try #require(entries[2]["reasons"]?.array?.first)
        #expect(reason["code"] == "R107" && reason["line"] == 3 && reason["column"] == 1 && reason["length"] == 5)
        #expect(reason["message"] == "unknown key `egres`" && reason["help"] == "did you mean `egress`?")
        #expect(document["skipped"]?.array?.count == 1)
        #expect(run.status == 3)
    }

    @Test("what root leaves out is not quoted as if it were written", .enabled(if: geteuid() == 0))
    func implied() throws {
        try write("p/plain.yaml", "sandboxd: 1\n")
        let run = try check(scratch.path + "/p/plain.yaml", "--host", hosts + "/user.json")
        #expect(run.output.contains("refused[R202]: without `server.user` the server of a policy that root runs"), "\(run.output)")
    }

    @Test(
        "what a document is for is told by its keys",
        arguments: [
            ("sandboxd: 1\n", DocumentKind.policy), ("# c\n---\nname: x\r\n\"sandboxd\" : 1\r\n", .policy), ("{sandboxd: 1}", .policy),
            ("\u{feff}sandboxd: 1", .policy), ("sandboxd-layer: 1\n", .layer), ("sandboxds: 1\n", .other), ("x:\n  sandboxd: 1\n", .other),
            ("", .other),
        ])
    func kinds(text: String, kind: DocumentKind) { #expect(DocumentKind(Array(text.utf8)) == kind) }
}
