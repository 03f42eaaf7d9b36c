import Glibc
import KernelPlan
import Policy
import StrictJSON
import TestSupport
import Testing

@testable import Commands

@Suite struct PlanDifferenceTests {
    private let directory: ScratchDirectory
    private let host: String

    init() throws {
        directory = try ScratchDirectory()
        host = try CommandRun.host(in: directory)
    }

    private func policy(_ name: String, _ clauses: String) throws -> String {
        let path = "\(directory.path)/\(name).yaml"
        try CommandRun.write("sandboxd: 1\nname: p\nserver: {user: session}\n\(clauses)\n", to: path)
        return path
    }

    /// What is said of the permitted set, line by line.
    private func said(_ old: String, _ new: String) throws -> [String] {
        let run = try CommandRun(
            ["plan", "--diff", policy("old", old), policy("new", new), "--host", host, "--layers", "none"], in: directory)
        #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
        let lines = run.output.split(separator: "\n").map(String.init)
        let start = try #require(lines.firstIndex(of: "what is permitted"))
        let end = try #require(lines.firstIndex(of: "how it is held"))
        return lines[(start + 1)..<end].map { String($0.dropFirst(2)) }
    }

    @Test("the change is said in words, by what it alters in the permitted set")
    func words() throws {
        #expect(
            try said(
                """
                tools: {rules: [{id: save, tools: [save], effect: allow}, {id: gone, tools: [x], effect: deny}]}
                egress: {tcp: ["10.0.0.0/8:5432"]}
                files: {read: [/usr/lib]}
                """,
                """
                tools: {default: allow, rules: [{id: save, tools: [save], effect: deny}, {id: new, tools: ["get_*"], effect: allow}]}
                egress: {tcp: ["*:5432", "192.0.2.1:443"]}
                files: {read: [/usr]}
                processes: {spawn: any}
                """
            ) == [
                "every other tool: now allowed, was blocked",
                "rule `save`: `save` now blocked, was allowed", "rule `new`: new; allows `get_*`", "rule `gone`: gone; it blocked `x`",
                "now also permits tcp connect to *:5432, except 10.0.0.0/8:5432, which was permitted before",
                "now also permits tcp connect to 192.0.2.1:443",
                "now also permits reading below `/usr`, except below `/usr/lib`, which was permitted before",
                "now also permits making processes",
            ])
    }

    @Test("a rewrite that denotes the same set permits the same, and is held in the same way")
    func rewrite() throws {
        #expect(
            try said(#"egress: {tcp: ["10.0.0.0/9:443", "10.128.0.0/9:443"]}"#, #"egress: {tcp: ["10.0.0.0/8:443"]}"#)
                == ["permits the same"])
        let same = try policy("same", "egress: {tcp: any}")
        let run = try CommandRun(["plan", "--diff", same, same, "--host", host, "--layers", "none"], in: directory)
        #expect(run.output.hasSuffix("how it is held\n  in the same way\n"))
    }

    @Test("what is no longer permitted is said, with what still is")
    func narrows() throws {
        #expect(
            try said("egress: {tcp: any}", #"egress: {tcp: ["192.0.2.1:443"]}"#) == [
                "no longer permits tcp connect to any address and port, except 192.0.2.1:443, which is permitted still"
            ])
    }

    @Test("one policy on two hosts permits the same, and is held otherwise")
    func hosts() throws {
        let policy = directory.path + "/any.yaml"
        try CommandRun.write("sandboxd: 1\negress: {tcp: none}\nserver: {user: caller}\n", to: policy)
        let user = try CommandRun.host(.user, in: directory)
        let run = try CommandRun(["plan", "--diff", policy, "--host", host, "--host", user], in: directory)
        guard Glibc.geteuid() != 0 else { return #expect(run.status == 3, "root is never a target") }
        #expect(run.status == 0)
        #expect(run.output.contains("permits the same"))
        #expect(run.output.contains("- custody  daemon\n  "))
        #expect(run.output.contains("+ custody  user"))
    }

    @Test("what is refused is not compared: which of the two it is, and every reason, are said")
    func refused() throws {
        let good = try policy("good", "egress: {tcp: none}")
        let bad = try policy("bad", #"egress: {tcp: ["example.com:443"]}"#)
        for (words, sentence) in [
            ([good, bad], "the second is refused"), ([bad, good], "the first is refused"), ([bad, bad], "both are refused"),
        ] {
            let run = try CommandRun(["plan", "--diff"] + words + ["--host", host, "--layers", "none"], in: directory)
            #expect(run.status == 3)
            #expect(run.output.hasPrefix(sentence))
            #expect(run.errors.contains("refused[R114]"))
        }
        let run = try CommandRun(["plan", "--diff", "--json", good, bad, "--host", host, "--layers", "none"], in: directory)
        let json = try JSON(parsing: Array(run.output.utf8.dropLast()))
        #expect(json["to"]?["outcome"] == "refused" && json["from"]?["outcome"] == "exact" && json["changes"] == nil)
    }

    @Test("programs get the same as JSON")
    func json() throws {
        let (old, new) = (try policy("old", "egress: {tcp: none}"), try policy("new", #"egress: {tcp: ["192.0.2.1:443"]}"#))
        let run = try CommandRun(["plan", "--diff", "--json", old, new, "--host", host, "--layers", "none"], in: directory)
        let json = try JSON(parsing: Array(run.output.utf8.dropLast()))
        #expect(json["same"] == false)
        #expect(json["changes"] == [["change": "permits", "text": "now also permits tcp connect to 192.0.2.1:443"]])
        #expect(json["held"]?["added"]?.array?.contains("cgroup   tcp connect: 192.0.2.1:443") == true)
    }

    @Test("anything but two things to compare is a usage error", arguments: [["a"], ["a", "b", "c"]])
    func usage(policies: [String]) throws {
        #expect(try CommandRun(["plan", "--diff"] + policies + ["--host", host, "--layers", "none"], in: directory).status == 2)
        #expect(try CommandRun(["plan", "a", "b", "--host", host, "--layers", "none"], in: directory).status == 2)
        #expect(
            try CommandRun(["plan", "--diff", "a", "b", "--host", host, "--host", host, "--layers", "none"], in: directory).status == 2)
    }

    @Test("a change of every kind has words, lower case and without a full stop")
    func everyChange() throws {
        let rule = Rule(id: "r", tools: [try #require(ToolPattern("t"))], effect: .ask, arguments: JSONText(json: Array("{}".utf8)))
        let root = PathRoot("/a", isDirectory: false)
        let pattern = try #require(ToolPattern("x*"))
        let parts: [PermittedPart] =
            EndpointAct.allCases.map { .endpoints($0, EndpointPart(EndpointPattern(addresses: .any, ports: .any))) }
            + PathAct.allCases.map { .paths($0, PathPart(root)) }
            + MessageKind.allCases.flatMap { [.messages($0, pattern), .asked($0), .unasked($0)] }
            + PlainGrant.allCases.map { .grant($0) } + [
                .variable("V"), .names(NamePart(NamePattern(hosts: .any, ports: .any), besides: [try NamePattern("plain:a.b:1")])),
            ]
        let changes: [PolicyChange] =
            parts.flatMap { [.permits($0), .withholds($0)] }
            + ResourceLimit.allCases.flatMap { [.limit($0, from: nil, to: 1 << 20), .limit($0, from: 3, to: nil)] }
            + PolicySetting.allCases.map { .setting($0, from: nil, to: "x\u{1b}") }
            + [
                .rule(id: "r", .added(rule)), .rule(id: "r", .removed(rule)),
                .rule(id: "r", .changed(from: rule, to: rule, RuleField.allCases)),
            ]
        for change in changes {
            let text = try #require(PolicyChangeText.lines([change]).first).text
            #expect(!text.hasSuffix(".") && text.first?.isUppercase == false && !text.contains("\u{1b}"), "\(text)")
        }
    }
}
