import Decision
import Foundation
import KernelPlan
import Policy
import StrictJSON
import TestSupport
import Testing

@testable import Commands

@Suite struct SARIFTests {
    private static let files = [
        "a.yaml": "sandboxd: 1\negres: {tcp: any}\n", "sub dir/é.yaml": "sandboxd: 1\nfiles: {read: [x, x]}\n",
        "user.yaml": "sandboxd: 1\nserver: {user: session}\n",
    ]

    private func run(_ scratch: ScratchDirectory, _ words: [String] = []) throws -> JSON {
        let run = try CommandRun(["check", scratch.path + "/p", "--format", "sarif"] + words, in: scratch)
        #expect(run.status == 3)
        return try JSON(parsing: run.output.utf8.dropLast())
    }

    private func staged() throws -> ScratchDirectory {
        let scratch = try ScratchDirectory()
        try FileManager.default.createDirectory(atPath: scratch.path + "/p/sub dir", withIntermediateDirectories: true)
        for (name, text) in Self.files { try CommandRun.write(text, to: "\(scratch.path)/p/\(name)") }
        return scratch
    }

    @Test("the output is valid by the official schema, and the schema can fail")
    func validity() throws {
        let scratch = try staged()
        let hosts = [try CommandRun.host(.daemon, in: scratch), try CommandRun.host(.user, in: scratch)].flatMap { ["--host", $0] }
        let document = try run(scratch, hosts)
        #expect(try OfficialSARIF.isValid(document))
        var broken = try #require(document.object)
        broken["version"] = "2.0.0"
        #expect(try !OfficialSARIF.isValid(.object(broken)))
    }

    @Test("results name rules that are there, places that are encoded, and the hosts on which they hold")
    func results() throws {
        let scratch = try staged()
        let hosts = [try CommandRun.host(.daemon, in: scratch), try CommandRun.host(.user, in: scratch)].flatMap { ["--host", $0] }
        let run = try #require(try run(scratch, hosts)["runs"]?.array?.first)
        let rules = try #require(run["tool"]?["driver"]?["rules"]?.array)
        #expect(rules.compactMap { $0["id"]?.string } == ReasonCode.allCases.map(\.rawValue).sorted())
        let results = try #require(run["results"]?.array)
        for result in results {
            let index = try #require(result["ruleIndex"]?.int64)
            #expect(rules[Int(index)]["id"] == result["ruleId"])
            #expect(result["locations"]?.array?.count == 1)
        }
        #expect(results.map { $0["ruleId"]?.string } == ["R107", "R123", "R123", "R202"])
        let places = try results.map { try #require($0["locations"]?.array?.first?["physicalLocation"]) }
        #expect(places[1]["artifactLocation"]?["uri"]?.string?.hasSuffix("/p/sub%20dir/%C3%A9.yaml") == true)
        #expect(places[1]["region"] == ["startLine": 2, "startColumn": 16, "endColumn": 17])
        #expect(results[3]["properties"]?["hosts"]?.array?.count == 1)
        #expect(results[3]["message"]?["text"]?.string?.hasSuffix("user.json.") == true)
    }

    @Test("fingerprints stay when lines move, and differ between results")
    func fingerprints() throws {
        let scratch = try staged()
        func prints() throws -> [JSON?] {
            try run(scratch, ["--host", try CommandRun.host(.daemon, in: scratch)])["runs"]?.array?.first?["results"]?.array?.map {
                $0["partialFingerprints"]
            } ?? []
        }
        let before = try prints()
        for (name, text) in Self.files { try CommandRun.write("# moved\n# by two\n" + text, to: "\(scratch.path)/p/\(name)") }
        #expect(try prints() == before)
        #expect(before.count == 3 && Set(before).count == 3)
    }

    @Test(
        "paths are URI references below the working directory, else files",
        arguments: [
            ("/w/p/a.yaml", "p/a.yaml"), ("./p/a.yaml", "p/a.yaml"), ("p/a b%.yaml", "p/a%20b%25.yaml"), ("/x/a.yaml", "file:///x/a.yaml"),
            ("c:d.yaml", "c%3Ad.yaml"), ("../a.yaml", "../a.yaml"), ("/w2/a.yaml", "file:///w2/a.yaml"),
        ])
    func uris(path: String, uri: String) { #expect(SARIFPlace.uri(path, "/w") == uri) }
}
