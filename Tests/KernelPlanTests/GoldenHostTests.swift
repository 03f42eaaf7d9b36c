import Foundation
import KernelPlan
import StrictJSON
import Testing

/// The golden policies × hosts that were observed: one line for each, `exact` or the codes of its reasons. `scripts/table` rewrites them.
@Suite struct GoldenHostTests {
    private static let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    private static let directory = tests.appending(path: "Fixtures/profiles")
    private static let golden = tests.appending(path: "KernelPlanTests/GoldenHosts")

    private static let hosts =
        ((try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []).filter { $0.hasSuffix(".json") }
        .map { String($0.dropLast(5)) }.sorted()

    private static func profile(_ host: String) throws -> HostProfile {
        var bytes = [UInt8](try Data(contentsOf: directory.appending(path: host + ".json")))
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        return try HostProfile(json: JSON(parsing: bytes))
    }

    private static func line(_ name: String, on host: HostProfile) throws -> String {
        let outcome = try GoldenPlanTests.outcome(name, host)
        let codes = outcome.split(separator: "\n").compactMap { $0.hasPrefix("refused ") ? String($0.split(separator: " ")[1]) : nil }
        return name + ": " + (codes.isEmpty ? "exact" : codes.joined(separator: " ")) + "\n"
    }

    @Test("what is exact and what is refused on each host that was observed is what it was", arguments: hosts)
    func isGolden(_ host: String) throws {
        let profile = try Self.profile(host)
        let text = try GoldenPlanTests.names.map { try Self.line($0, on: profile) }.joined()
        let file = Self.golden.appending(path: host + ".txt")
        if GoldenPlanTests.rewrites { try text.write(to: file, atomically: true, encoding: .utf8) }
        #expect(try String(contentsOf: file, encoding: .utf8) == text)
    }

    @Test("each host that was observed has its file, and no other is left")
    func hasNoOthers() throws {
        #expect(!Self.hosts.isEmpty)
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.golden.path).sorted()
        if GoldenPlanTests.rewrites {
            for file in files where !Self.hosts.contains(String(file.dropLast(4))) {
                try FileManager.default.removeItem(at: Self.golden.appending(path: file))
            }
        } else {
            #expect(files == Self.hosts.map { $0 + ".txt" })
        }
    }
}
