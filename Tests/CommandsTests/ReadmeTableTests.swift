import Foundation
import KernelPlan
import MCP
import StrictJSON
import Testing

@testable import Commands

/// README's table of clauses × hosts. `scripts/table` rewrites it; the difference is reviewed.
@Suite(.serialized) struct ReadmeTableTests {
    private static let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    private static let readme = tests.deletingLastPathComponent().appending(path: "README.md")
    private static let (begin, end) = (
        "<!-- made by scripts/table from Tests/Fixtures/profiles -->\n", "<!-- end of what scripts/table made -->\n"
    )

    private static let (channelsBegin, channelsEnd) = (
        "<!-- made by scripts/table from SideChannel -->\n", "<!-- end of the side channels -->\n"
    )

    @Test("the table of side channels in README is the gate's; `scripts/table` writes it")
    func channelsAreCurrent() throws {
        let rows = SideChannel.allCases.map { "| \($0.members) | \($0.treatment.rawValue) | \($0.reason) |\n" }
        let table = "| members | treatment | why |\n|---|---|---|\n" + rows.joined()
        try hold(table, between: Self.channelsBegin, Self.channelsEnd)
    }

    /// Rewrites what stands between two lines of README, or says that it is another.
    private func hold(_ table: String, between begin: String, _ end: String) throws {
        let text = try String(contentsOf: Self.readme, encoding: .utf8)
        let begin = try #require(text.range(of: begin)), end = try #require(text.range(of: end))
        if ProcessInfo.processInfo.environment["SANDBOXD_REWRITE_README"] != nil {
            try text.replacingCharacters(in: begin.upperBound..<end.lowerBound, with: table)
                .write(to: Self.readme, atomically: true, encoding: .utf8)
        } else {
            #expect(String(text[begin.upperBound..<end.lowerBound]) == table)
        }
    }

    private static func profiles() throws -> [HostProfile] {
        let directory = tests.appending(path: "Fixtures/profiles")
        let files = try FileManager.default.contentsOfDirectory(atPath: directory.path).filter { $0.hasSuffix(".json") }.sorted()
        return try files.map { file in
            var bytes = [UInt8](try Data(contentsOf: directory.appending(path: file)))
            if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
            return try HostProfile(json: JSON(parsing: bytes))
        }
    }

    @Test("the table in README is what the compiler makes of the saved profiles; `scripts/table` writes it")
    func isCurrent() throws {
        try hold(ClauseTable.markdown(try Self.profiles()), between: Self.begin, Self.end)
    }

    @Test("an exact cell is one for which there is a plan, and each kernel has both columns")
    func columns() throws {
        let table = ClauseTable.markdown(try Self.profiles())
        #expect(table.contains("| exact |") && table.contains("R202"))
        let kernels = Dictionary(grouping: try Self.profiles(), by: \.kernel)
        #expect(kernels.count > 1)
        for (kernel, profiles) in kernels { #expect(Set(profiles.map(\.custody)) == Set(Custody.allCases), "\(kernel)") }
    }
}
