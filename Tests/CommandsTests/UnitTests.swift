import Descriptors
import Glibc
import KernelPlan
import TestSupport
import Testing

@testable import Commands

@Suite struct UnitTests {
    private let scratch: ScratchDirectory
    private let host: String

    init() throws {
        scratch = try ScratchDirectory()
        host = try CommandRun.host(.daemon, in: scratch)
        try write("notes.yaml", "sandboxd: 1\ninclude: [shared, runtime-python]\nserver: {command: [/bin/true], user: session}\n")
        try write("shared.yaml", "sandboxd: 1\nprocesses: {tasks: 24}\n")
    }

    private func write(_ name: String, _ text: String) throws { try CommandRun.write(text, to: "\(scratch.path)/\(name)") }

    private func unit(_ words: String...) throws -> CommandRun {
        try CommandRun(["unit"] + words + ["--host", host, "--output", scratch.path + "/out"], in: scratch)
    }

    private func text(_ name: String) -> String? {
        let bytes = try? WorkingDirectory().contents(of: "\(scratch.path)/out/\(name)", limit: 1 << 20)
        return bytes.flatMap { $0 }.map { String(decoding: $0, as: UTF8.self) }
    }

    private static let units = "etc/systemd/system/mcp@notes"

    @Test("the policy, what lies beside it and the drop-ins are written, and what to type next is said")
    func writes() throws {
        let run = try unit(
            "notes", "--policy", scratch.path + "/notes.yaml", "--group", "staff", "--mode", "0600", "--memory-max", "1G", "--cpu-quota",
            "50%",
            "--credential", "API_KEY:/etc/credstore/a%b", "--user", "nobody")
        #expect(run.errors == "")
        #expect(run.status == 0)
        #expect(text("etc/sandboxd/policies/notes.yaml")?.contains("include: [shared, runtime-python]") == true)
        #expect(text("etc/sandboxd/policies/shared.yaml") == "sandboxd: 1\nprocesses: {tasks: 24}\n")
        #expect(text("etc/sandboxd/policies/runtime-python.yaml") == nil)
        #expect(
            text("\(Self.units).socket.d/50-sandboxctl.conf")
                == "# Written by `sandboxctl unit`.\n[Socket]\nSocketGroup=staff\nSocketMode=0600\n")
        #expect(
            text("\(Self.units).service.d/50-sandboxctl.conf") == """
                # Written by `sandboxctl unit`.
                [Service]
                ExecStart=
                ExecStart=/usr/bin/sandboxctl serve --user nobody %i
                MemoryMax=1G
                MemorySwapMax=0
                CPUQuota=50%
                LoadCredential=API_KEY:/etc/credstore/a%%b

                """)
        #expect(run.output.contains("systemctl enable --now mcp@notes.socket"))
        #expect(try WorkingDirectory().status(of: "\(scratch.path)/out/etc/sandboxd/policies/notes.yaml").permissions == 0o644)
        #expect(try unit("notes", "--policy", scratch.path + "/notes.yaml").output.contains("wrote") == false)
    }

    @Test("a file that says something else stays, and nothing else is written; --force replaces it")
    func keeps() throws {
        #expect(try unit("notes", "--policy", scratch.path + "/notes.yaml", "--group", "staff").status == 0)
        try write("notes.yaml", "sandboxd: 1\nserver: {command: [/bin/true], user: session}\n# another\n")
        let kept = try unit("notes", "--policy", scratch.path + "/notes.yaml", "--memory-max", "1G")
        #expect(kept.status == 1)
        #expect(kept.errors.contains("is there, and says something else"))
        #expect(text("etc/sandboxd/policies/notes.yaml")?.contains("another") == false)
        #expect(text("\(Self.units).service.d/50-sandboxctl.conf") == nil)
        #expect(try unit("notes", "--policy", scratch.path + "/notes.yaml", "--memory-max", "1G", "--force").status == 0)
        #expect(text("etc/sandboxd/policies/notes.yaml")?.contains("another") == true)
    }

    @Test("a link in a file's place is nobody's file")
    func links() throws {
        for directory in ["out", "out/etc", "out/etc/sandboxd", "out/etc/sandboxd/policies"] {
            try WorkingDirectory().makeDirectory("\(scratch.path)/\(directory)")
        }
        try write("victim", "precious")
        #expect(symlink(scratch.path + "/victim", scratch.path + "/out/etc/sandboxd/policies/notes.yaml") == 0)
        #expect(try unit("notes", "--policy", scratch.path + "/notes.yaml").status == 1)
        #expect(try unit("notes", "--policy", scratch.path + "/notes.yaml", "--force").status == 0)
        #expect(try WorkingDirectory().contents(of: scratch.path + "/victim", limit: 64) == Array("precious".utf8))
    }

    @Test("a policy that is refused, or has no command, is 3, and nothing is written")
    func refuses() throws {
        try write("no.yaml", "sandboxd: 1\nserver: {command: [/bin/true]}\negress: {names: [\"a.example:443\"], udp: any}\n")
        try write("none.yaml", "sandboxd: 1\n")
        for (name, code) in [("no", "R120"), ("none", "R405")] {
            let run = try unit("notes", "--policy", "\(scratch.path)/\(name).yaml")
            #expect(run.status == 3)
            #expect(run.errors.contains(code))
        }
        #expect(text("etc/sandboxd/policies/notes.yaml") == nil)
    }

    @Test(
        "what has no place in a unit, or in the name of one, is not understood",
        arguments: [
            ["Notes"], ["-a"], ["a/b"], ["a b"], ["a", "--group", "a b"], ["a", "--group", "a\nUser=x"], ["a", "--mode", "0777"],
            ["a", "--mode", "9"],
            ["a", "--memory-max", "1G\nX=y"], ["a", "--memory-max", "G"], ["a", "--cpu-quota", "50"], ["a", "--user", "root"],
            ["a", "--sessions", "0"],
            ["a", "--credential", "KEY"], ["a", "--credential", "1:/x"], ["a", "--credential", "K:x"], ["a", "--credential", "K:/x y"],
            ["a", "--set", "x=$(id)"], ["a", "--tasks-max", "-1"],
        ])
    func misuse(words: [String]) throws {
        let run = try CommandRun(
            ["unit"] + words + ["--policy", scratch.path + "/notes.yaml", "--output", scratch.path + "/out", "--host", host], in: scratch)
        #expect(run.status == 2)
        #expect(text("etc") == nil)
    }
}
