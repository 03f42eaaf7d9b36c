import Descriptors
import Glibc
import Policy
import PolicyText
import StrictJSON
import TestSupport
import Testing

@testable import Commands

@Suite struct PolicyTestTests {
    private let directory: ScratchDirectory
    private let host: String

    init() throws {
        directory = try ScratchDirectory()
        host = try CommandRun.host(in: directory)
    }

    private func check(_ tests: String, beside: String? = nil, format: String = "text") throws -> CommandRun {
        let policy = directory.path + "/p.yaml"
        try CommandRun.write(
            """
            sandboxd: 1
            name: p
            server: {user: session}
            tools: {rules: [{id: look, tools: [get_note], effect: allow, arguments: {required: [title]}}]}
            egress: {tcp: ["10.0.0.0/8:5432"]}
            files: {read: [/usr/lib]}
            tests:
            \(tests)

            """, to: policy)
        if let beside { try CommandRun.write("sandboxd-tests: 1\ntests:\n\(beside)\n", to: directory.path + "/p.tests.yaml") }
        return try CommandRun(["check", "--format", format, policy, "--host", host], in: directory)
    }

    @Test("tests that hold leave a policy exact")
    func holds() throws {
        let run = try check(
            """
              - {call: [get_note, {title: x}], expect: forward}
              - {call: [get_note], expect: block}
              - {act: "connect 10.1.2.3:5432", expect: permitted}
              - {act: "connect 10.1.2.3:5433", expect: denied}
              - {act: "connect 169.254.169.254:80", expect: denied}
              - {act: "connect [::ffff:10.0.0.1]:5432", expect: permitted}
              - {act: "send udp 10.1.2.3:5432", expect: denied}
              - {act: "bind 127.0.0.1:8080", expect: denied}
              - {act: "connect unix:/run/x", expect: denied}
              - {act: read /usr/lib/nothing here, expect: permitted}
              - {act: list /usr/lib, expect: permitted}
              - {act: write /usr/lib/x, expect: denied}
              - {act: create /usr/lib/x, expect: denied}
              - {act: remove /usr/lib/x, expect: denied}
              - {act: execute /usr/lib/x, expect: denied}
              - {act: chmod /usr/lib/x, expect: denied}
              - {act: spawn, expect: denied}
            """)
        #expect(run.status == 0, "\(run.output)")
    }

    @Test("what a name permits is known, whatever can hold it")
    func judgesNames() throws {
        let policy = directory.path + "/names.yaml"
        try CommandRun.write(
            """
            sandboxd: 1
            name: names
            egress: {names: ["api.example.org:443", "*.cdn.example.org:443", "plain:mirror.example.org:80"], tcp: ["192.0.2.7:443"]}
            tests:
              - {act: "connect API.example.org:443", expect: permitted}
              - {act: "connect a.b.cdn.example.org:443", expect: permitted}
              - {act: "connect plain:mirror.example.org:80", expect: permitted}
              - {act: "connect mirror.example.org:80", expect: permitted}
              - {act: "connect plain:api.example.org:443", expect: denied}
              - {act: "connect api.example.org:80", expect: denied}
              - {act: "connect cdn.example.org:443", expect: denied}
              - {act: "connect evil-cdn.example.org:443", expect: denied}
              - {act: "connect api.example.org.evil.example:443", expect: denied}
              - {act: "connect 192.0.2.1:443", expect: denied}
              - {act: "connect cdn.example.org:443", expect: permitted}

            """, to: policy)
        let run = try CommandRun(["check", policy, "--host", host], in: directory)
        #expect(run.status == 3)
        #expect(
            run.output.contains("names.yaml:15:5: refused[R150]: the test of `connect cdn.example.org:443` expects `permitted`"),
            "\(run.output)")
        #expect(
            run.output.contains("names.yaml:3:10: refused[R120]: `egress.names` beside `egress.tcp` is not enforced by this version yet"),
            "\(run.output)")
        #expect(run.output.split(separator: "refused[").count == 3, "\(run.output)")
    }

    @Test("a test that comes out otherwise is an error at its line, with what decided")
    func fails() throws {
        let run = try check("  - {call: [get_note], expect: forward}\n  - {act: spawn, expect: permitted}")
        #expect(run.status == 3)
        #expect(
            run.output.contains(
                """
                p.yaml:8:5: refused[R150]: the test of `get_note` expects `forward` and finds `block`
                   |
                 8 |   - {call: [get_note], expect: forward}
                   |     ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
                   = why: no rule allows `get_note` with these arguments
                """))
        #expect(run.output.contains("p.yaml:9:5: refused[R150]: the test of `spawn` expects `permitted` and finds `denied`"))
    }

    @Test("tests beside a policy are run with its own, and fail at their places")
    func beside() throws {
        let run = try check("  - {act: spawn, expect: denied}", beside: "  - {act: spawn, expect: permitted}")
        #expect(run.status == 3)
        #expect(run.output.contains("p.tests.yaml:3:5: refused[R150]"))
        #expect(run.output.contains(" 3 |   - {act: spawn, expect: permitted}"))
    }

    @Test("a failing test is found in JSON and SARIF too")
    func formats() throws {
        let json = try JSON(parsing: Array(check("  - {act: spawn, expect: permitted}", format: "json").output.utf8.dropLast()))
        #expect(json["policies"]?.array?.first?["reasons"]?.array?.first?["code"] == "R150")
        let sarif = try check("  - {act: spawn, expect: permitted}", format: "sarif").output
        #expect(sarif.contains("\"ruleId\":\"R150\"") || sarif.contains("R150"))
    }

    @Test(
        "an act is one of a small language, and anything else is an error",
        arguments: [
            ("fetch x", .unknownVerb), ("", .unknownVerb), ("connect", .missingTarget), ("read", .missingTarget),
            ("spawn now", .unexpectedTarget),
            ("connect *.example.com:443", .badEndpoint), ("connect example.com:*", .badEndpoint),
            ("connect example.com.:443", .badEndpoint),
            ("connect 10.0.0.0/8:443", .badEndpoint), ("connect 10.0.0.1", .badEndpoint),
            ("connect 10.0.0.1:0", .badEndpoint), ("connect 10.0.0.1:99999", .badEndpoint), ("connect ::1:443", .badEndpoint),
            ("connect [10.0.0.1]:443", .badEndpoint), ("send tcp 10.0.0.1:53", .badEndpoint), ("read x", .relativePath),
            ("connect unix:x", .relativePath), ("connect  10.0.0.1:443", .badEndpoint),
        ] as [(String, PolicyActProblem)])
    func badActs(text: String, problem: PolicyActProblem) {
        #expect(throws: problem) { _ = try PolicyAct(text) }
    }

    @Test("what an act is done to is read whole")
    func acts() throws {
        #expect(try PolicyAct("read /a b") == .file(.read, path: "/a b"))
        #expect(try PolicyAct("send udp [2001:db8::1]:53") == .send(.v6(high: 0x2001_0db8_0000_0000, low: 1), port: 53))
        #expect(try PolicyAct("connect unix:/run/x.sock") == .connectUnix(path: "/run/x.sock"))
        #expect(try PolicyAct("connect Example.COM:443") == .connectNamed(.tls, HostName("example.com"), port: 443))
        #expect(try PolicyAct("connect plain:example.com:80") == .connectNamed(.other, HostName("example.com"), port: 80))
        #expect(try PolicyAct("bind 127.0.0.1:8080") == .bind(.v4(0x7f00_0001), port: 8080))
    }

    @Test("a path is taken as what it leads to, as far as it is there")
    func present() throws {
        #expect(PresentPath.resolved(directory.path + "/none/at/all") == PresentPath.resolved(directory.path) + "/none/at/all")
        #expect(PresentPath.resolved("/") == "/")
        #expect(PresentPath.resolved("/usr/../nothing-here") == "/nothing-here")
    }

    // MARK: Shipped policies

    private static let directory: String = {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        return parts.joined(separator: "/") + "/policies"
    }()

    private static let names: [String] = {
        let names = try? WorkingDirectory().open(directory, [.directory]).names().map { String(decoding: $0, as: UTF8.self) }
        return (names ?? []).filter { $0.hasSuffix(".yaml") }.sorted()
    }()

    /// For policies that packages are prepared by: more than one of them takes.
    private func installing(isByAddress: Bool) -> [String: String] {
        for name in ["tree", "given", "npm", "wheels"] { mkdir("\(directory.path)/\(name)", 0o755) }
        var inputs = Dictionary(uniqueKeysWithValues: ["tree", "given", "npm", "wheels"].map { ($0, "\(directory.path)/\($0)") })
        for program in ["python", "node"] { inputs[program] = "/usr/bin/env" }
        for registry in ["index", "files"] { inputs[registry] = isByAddress ? "192.0.2.10:443" : "\(registry).example:443" }
        return inputs
    }

    @Test(
        "every policy that is shipped has tests of calls and of acts, of what it permits and of what it does not, and they hold",
        arguments: names)
    func shipped(name: String) throws {
        try CommandRun.write("", to: directory.path + "/HEAD")
        let values =
            [
                "fetch-proxy.yaml": ["origin": "192.0.2.10:3128"], "git.yaml": ["repository": directory.path],
                "git-commit.yaml": ["repository": directory.path], "sqlite.yaml": ["directory": directory.path],
                "memory.yaml": ["directory": directory.path], "playwright.yaml": ["profile": directory.path],
                "filesystem.yaml": ["project": directory.path], "read-only-project.yaml": ["project": directory.path],
                "github.yaml": ["owner": "ann"],
            ][name] ?? (name.hasPrefix("prepare-") ? installing(isByAddress: name.hasSuffix("-address.yaml")) : [:])
        let texts = try PolicyTexts("\(Self.directory)/\(name)", finder: PolicyFinder(.current()))
        let declared = Set(try texts.draft().inputs.map(\.name))
        let inputs = values.filter { declared.contains($0.key) }
        let local: LocalPolicy
        do throws(Refusal) { local = try LocalPolicy(texts, inputs: inputs, .current()) } catch {
            // A host without git can say nothing of a policy that grants it.
            #expect(error.reasons.all.allSatisfy { $0.code == .pathNotFound && $0.facts["path"] == "/usr/bin/git" }, "\(error)")
            return
        }
        #expect(PolicyTestRun.reasons(of: local) == [])
        let tests = local.expanded.tests
        let isCall = { (test: PolicyTest) in if case .call = test.subject { true } else { false } }
        #expect(tests.contains(where: isCall))
        #expect(tests.contains { !isCall($0) && $0.expected == "permitted" } && tests.contains { !isCall($0) && $0.expected == "denied" })
        #expect(tests.contains { isCall($0) && $0.expected == "block" })
    }
}
