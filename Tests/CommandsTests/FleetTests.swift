import Descriptors
import Glibc
import KernelPlan
import Policy
import StrictJSON
import TestSupport
import Testing

@testable import Commands

@Suite struct FleetTests {
    private let scratch: ScratchDirectory

    /// Fifty hosts: forty-eight alike, one without a daemon, one whose next kernel has no hooks for connections.
    init() throws {
        scratch = try ScratchDirectory()
        for name in ["hosts", "p"] { try WorkingDirectory().makeDirectory("\(scratch.path)/\(name)") }
        let daemon = try CommandRun.host(.daemon, in: scratch), user = try CommandRun.host(.user, in: scratch)
        for number in 1...49 { try copy(daemon, "web\(number)") }
        try copy(user, "desk")
        try copy(user, "web7@6.18")
        try copy(daemon, "web8@6.18")
        try copy(daemon, "desk@7.3")
        try write("p/closed.yaml", "sandboxd: 1\nserver: {user: session}\n")
        try write("p/names.yaml", "sandboxd: 1\negress: {names: [\"a.example:443\"], udp: any}\n")
    }

    private func copy(_ profile: String, _ name: String) throws {
        let bytes = try #require(try WorkingDirectory().contents(of: profile, limit: 1 << 20))
        try write("hosts/\(name).json", String(decoding: bytes, as: UTF8.self))
    }

    private func write(_ name: String, _ text: String) throws { try CommandRun.write(text, to: "\(scratch.path)/\(name)") }

    private func check(_ words: String...) throws -> CommandRun {
        try CommandRun(["fleet", "check", scratch.path + "/hosts", scratch.path + "/p"] + words, in: scratch)
    }

    private func shown(_ run: CommandRun) -> String {
        run.output.split(separator: scratch.path, omittingEmptySubsequences: false).joined(separator: "DIR")
    }

    @Test("what an upgrade would refuse comes first, then one column for all hosts that are alike, then each reason once")
    func text() throws {
        let run = try check()
        let lines = shown(run).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        #expect(
            lines.prefix(3) == [
                "an upgrade of web7 to 6.18 would refuse DIR/p/closed.yaml (R202)",
                "an upgrade of desk to 7.3 would make exact DIR/p/closed.yaml", "",
            ])
        #expect(
            lines.dropFirst(3).prefix(3).map { $0.split(separator: " ").joined(separator: " ") } == [
                "policy desk +1 desk@7.3 +50", "DIR/p/closed.yaml refused R202 exact", "DIR/p/names.yaml refused R120 refused R120",
            ])
        #expect(lines.contains("desk +1: desk, web7@6.18"))
        #expect(lines.contains { $0.hasPrefix("desk@7.3 +50: desk@7.3, web1, web10, web11,") })
        #expect(lines.contains("   = hosts: desk, web7@6.18"))
        #expect(lines.contains("53 profiles, 2 policies: 0 exact on all, 2 refused somewhere"))
        #expect(lines.filter { $0.contains("web1") }.allSatisfy { $0.utf8.count <= 100 })
        #expect(run.status == 3)
    }

    @Test("as JSON every policy has an outcome on every profile, and changes say before and after")
    func json() throws {
        let run = try check("--json")
        let document = try JSON(parsing: run.output.utf8.dropLast())
        #expect(document["hosts"]?.array?.count == 53)
        #expect(document["policies"]?.array?.map { $0["outcomes"]?.array?.count } == [53, 53])
        let outcomes = try #require(document["policies"]?.array?.first?["outcomes"]?.array)
        #expect(outcomes.count { $0["outcome"] == "refused" } == 2)
        #expect(document["policies"]?.array?.last?["outcomes"]?.array?.allSatisfy { $0["outcome"] == "refused" } == true)
        #expect(document["exact"] == false)
        let changes = try #require(document["changes"]?.array)
        #expect(changes.map { $0["host"]?.string } == ["web7", "desk"])
        #expect(changes.map { $0["planned"]?.string } == ["6.18", "7.3"])
        #expect(
            changes[0]["before"] == ["outcome": "exact", "codes": []] && changes[0]["after"] == ["outcome": "refused", "codes": ["R202"]])
        #expect(run.status == 3)
    }

    @Test("a fleet that holds all policies is exact; a profile that is none, and a policy that is not there, are not passed over")
    func ends() throws {
        try WorkingDirectory().makeDirectory(scratch.path + "/good")
        let host = try CommandRun.host(.daemon, in: scratch)
        try WorkingDirectory().rename(host, to: scratch.path + "/good/a.json")
        let exact = try CommandRun(["fleet", "check", scratch.path + "/good", scratch.path + "/p/closed.yaml"], in: scratch)
        #expect(exact.status == 0)
        #expect(exact.output.contains("1 profile, 1 policy: 1 exact on all\n"))
        #expect(try CommandRun(["fleet", "check", scratch.path + "/good", scratch.path + "/nowhere.yaml"], in: scratch).status == 3)
        try write("good/b.json", "{}")
        #expect(try CommandRun(["fleet", "check", scratch.path + "/good", scratch.path + "/p"], in: scratch).status == 2)
        #expect(try CommandRun(["fleet", "check", scratch.path + "/p", scratch.path + "/p"], in: scratch).status == 2)
    }
}
