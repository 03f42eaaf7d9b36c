import Descriptors
import Glibc
import StrictJSON
import TestSupport
import Testing

@testable import Commands

@Suite("Commands and layers")
struct LayerCommandTests {
    private let scratch: ScratchDirectory
    private let host: String

    private static let policy = """
        sandboxd: 1
        name: notes
        server: {user: session}
        tools:
          rules:
            - {id: look, tools: ["*"], effect: allow, budget: {name: cost, of: /n, limit: 5, per: session}}
        egress: {tcp: ["10.0.0.0/8:443", "192.0.2.1:443"]}
        files: {read: [/usr]}
        processes: {tasks: 9}

        """

    private static let layer = """
        sandboxd-layer: 1
        name: acme
        applies_to: {policies: ["no*"]}
        tools:
          rules:
            - {id: never, tools: ["delete_*"], effect: deny, reason: ask the archive team}
            - {id: less, tools: [look], effect: allow, budget: {name: cost, of: /n, limit: 3, per: session}}
        egress: {tcp: ["192.0.2.0/24:*"]}

        """

    init() throws {
        scratch = try ScratchDirectory()
        host = try CommandRun.host(in: scratch)
        for name in ["layers", "other"] { try WorkingDirectory().makeDirectory("\(scratch.path)/\(name)") }
        try write("notes.yaml", Self.policy)
        try write("layers/acme.yaml", Self.layer)
    }

    private func write(_ name: String, _ text: String) throws { try CommandRun.write(text, to: "\(scratch.path)/\(name)") }

    private func run(_ words: String...) throws -> CommandRun {
        try CommandRun(words.map { $0.replacing("DIR", with: scratch.path) }, in: scratch)
    }

    private func shown(_ text: String) -> String { text.replacing(scratch.path, with: "DIR") }

    @Test("a decision of a layer is named as the layer's, and budgets of one name are each document's own")
    func decide() throws {
        let denied = try run("decide", "DIR/notes.yaml", "delete_all", #"{"n": 1}"#, "--layers", "DIR/layers", "--json")
        #expect(try JSON(parsing: denied.output.utf8.dropLast())["layer"] == "acme")
        #expect(denied.status == 1)
        let counted = try run("decide", "DIR/notes.yaml", "look", #"{"n": 4}"#, "--layers", "DIR/layers")
        #expect(counted.output.contains("budget `cost` of rule `less` of layer `acme`") && counted.status == 1, "\(counted.output)")
        #expect(try run("decide", "DIR/notes.yaml", "look", #"{"n": 4}"#, "--layers", "none").status == 0)
    }

    @Test("check says which layers tighten a policy, and plan and explain what they leave")
    func tightened() throws {
        let check = try run("check", "DIR/notes.yaml", "--host", host, "--layers", "DIR/layers")
        #expect(check.output.hasSuffix(", tightened by layer `acme`\n") && check.status == 0, "\(check.output)\(check.errors)")
        #expect(check.errors.isEmpty)
        let json = try run("check", "DIR/notes.yaml", "--host", host, "--layers", "DIR/layers", "--format", "json")
        #expect(try JSON(parsing: json.output.utf8.dropLast())["policies"]?.array?.first?["layers"] == ["acme"])
        let plan = try run("plan", "DIR/notes.yaml", "--host", host, "--layers", "DIR/layers")
        #expect(plan.output.contains("\nlayers   acme\n") && plan.output.contains("192.0.2.1") && !plan.output.contains("10.0.0.0"))
        let explain = try run("explain", "DIR/notes.yaml", "--host", host, "--layers", "DIR/layers").output
        for line in [
            "tightened by layer `acme`\n", "layer `acme`, `never`: `delete_*` are blocked",
            "note: layer `acme`: no longer permits tcp connect to 10.0.0.0/8:443\n",
        ] {
            #expect(explain.contains(line), "\(explain)")
        }
    }

    @Test("the layers of another host are not known, and that is said")
    func unknown() throws {
        let check = try run("check", "DIR/notes.yaml", "--host", host)
        #expect(check.status == 0 && !check.output.contains("tightened"))
        #expect(check.errors.hasPrefix("note: no layers are applied:"))
        #expect(try run("check", "DIR/notes.yaml", "--host", host, "--layers", "none").errors.isEmpty)
    }

    @Test("a layer that is about other policies leaves this one alone")
    func others() throws {
        try write("layers/acme.yaml", Self.layer.replacing("no*", with: "x"))
        #expect(try !run("check", "DIR/notes.yaml", "--host", host, "--layers", "DIR/layers").output.contains("tightened"))
    }

    @Test("a fault of a layer refuses the policy at the layer's line")
    func fault() throws {
        try write("layers/bad.yaml", "sandboxd-layer: 1\negres: {tcp: any}\n")
        let run = try run("check", "DIR/notes.yaml", "--host", host, "--layers", "DIR/layers")
        let expected = """
            DIR/layers/bad.yaml:2:1: refused[R107]: unknown key `egres`
               |
             2 | egres: {tcp: any}
               | ^~~~~
            """
        #expect(shown(run.output).hasPrefix(expected) && run.status == 3, "\(run.output)")
        let decided = try CommandRun(["decide", scratch.path + "/notes.yaml", "x", "--layers", scratch.path + "/layers"], in: scratch)
        #expect(shown(decided.errors).hasPrefix(expected) && decided.status == 3)
        #expect(try self.run("check", "DIR/notes.yaml", "--host", host, "--layers", "DIR/nowhere").status == 3)
    }

    @Test("a test that a layer makes fail says so")
    func tests() throws {
        let tests = "{call: [delete_x, {n: 1}], expect: forward}, {act: \"connect 10.0.0.1:443\", expect: permitted}"
        try write("notes.yaml", Self.policy + "tests: [\(tests)]\n")
        let run = try run("check", "DIR/notes.yaml", "--host", host, "--layers", "DIR/layers")
        #expect(run.output.contains("why: rule `never` of layer `acme` denies it: ask the archive team"), "\(run.output)")
        #expect(run.output.contains("why: the policy permits it, and a layer takes it away"))
        #expect(run.output.contains(", tightened by layer `acme`, 2 reasons\n"))
        #expect(try self.run("check", "DIR/notes.yaml", "--host", host, "--layers", "none").status == 0)
    }

    @Test("a layer alone is read, or refused with every reason; with policies it is counted apart")
    func alone() throws {
        let read = try run("check", "DIR/layers/acme.yaml")
        #expect(shown(read.output) == "DIR/layers/acme.yaml: read, a layer\n" && read.status == 0, "\(read.output)\(read.errors)")
        try write("other/bad.yaml", "sandboxd-layer: 1\nfiles: {read: [\"${home}/x\", /proc]}\nserver: {cwd: /}\n")
        let refused = try run("check", "DIR/other/bad.yaml")
        #expect(refused.status == 3 && shown(refused.output).contains("DIR/other/bad.yaml:3:10: refused[R127]"), "\(refused.output)")
        try write("other/good.yaml", "sandboxd-layer: 1\nfiles: {read: [\"${server}/x\", /nowhere]}\n")
        try write("other/p.yaml", "sandboxd: 1\nserver: {user: session}\n")
        let both = try run("check", "DIR/other", "--host", host, "--format", "json", "--layers", "none")
        let outcomes = try JSON(parsing: both.output.utf8.dropLast())["policies"]?.array?.map { $0["outcome"]?.string }
        #expect(outcomes == ["refused", "read", "exact"])
        let text = try run("check", "DIR/other", "--host", host, "--layers", "none").output
        #expect(text.hasSuffix("1 policy: 1 exact; 2 layers: 1 read, 1 refused\n"), "\(text)")
    }

    @Test("an input is for those of several policies that declare it; one that none declares is a usage error")
    func inputs() throws {
        try write("other/a.yaml", "sandboxd: 1\nserver: {user: session}\ninputs: {d: null}\nfiles: {read: [\"${d}\"]}\n")
        try write("other/b.yaml", "sandboxd: 1\nserver: {user: session}\n")
        let given = try run("check", "DIR/other", "--set", "d=/usr", "--host", host, "--layers", "none")
        #expect(given.status == 0, "\(given.output)\(given.errors)")
        let unknown = try run("check", "DIR/other", "--set", "d=/usr", "--set", "e=1", "--host", host, "--layers", "none")
        #expect(unknown.status == 2 && unknown.errors.contains("none of these policies declares the input `e`"))
        #expect(try run("check", "DIR/other/b.yaml", "--set", "d=/usr", "--host", host, "--layers", "none").output.contains("R116"))
    }
}

extension String {
    fileprivate func replacing(_ text: String, with other: String) -> String {
        split(separator: text, omittingEmptySubsequences: false).joined(separator: other)
    }
}
