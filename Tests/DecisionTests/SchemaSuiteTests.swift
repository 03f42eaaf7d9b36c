import Decision
import Foundation
import StrictJSON
import Testing

/// The JSON Schema test suite for 2020-12 (Fixtures/json-schema-2020-12, MIT). Everything that is not listed in
/// `SchemaSuiteExceptions` holds.
@Suite struct SchemaSuiteTests {
    private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/json-schema-2020-12")

    static let files: [String] = ["", "optional/", "optional/format/"].flatMap { folder in
        let names = (try? FileManager.default.contentsOfDirectory(atPath: fixtures.appending(path: folder).path)) ?? []
        return names.filter { $0.hasSuffix(".json") }.sorted().map { folder + $0 }
    }

    private static func groups(_ file: String) throws -> [JSON] {
        try JSON(parsing: Array(Data(contentsOf: fixtures.appending(path: file)))).array ?? []
    }

    @Test("the suite is there") func isThere() { #expect(Self.files.count == 40) }

    @Test("every case of the suite holds or is refused for a listed reason", arguments: files)
    func holds(_ file: String) throws {
        for group in try Self.groups(file) {
            let name = "\(file): \(group["description"]?.string ?? "")"
            guard let schema = try compiled(group, name) else { continue }
            for test in group["tests"]?.array ?? [] { try judge(test, schema, name) }
        }
    }

    private func compiled(_ group: JSON, _ name: String) throws -> Schema? {
        let text = try #require(group["schema"])
        do {
            let schema = try Schema(text)
            #expect(SchemaSuiteExceptions.refused[name] == nil, "\(name) is not refused")
            return schema
        } catch {
            #expect(SchemaSuiteExceptions.refused[name] == error, "\(name)")
            return nil
        }
    }

    private func judge(_ test: JSON, _ schema: Schema, _ group: String) throws {
        let name = "\(group): \(test["description"]?.string ?? "")"
        var tape = JSONTape()
        try tape.parse(try #require(test["data"]).encoded())
        let isUndecided = schema.isUndecided(.root, in: tape)
        #expect(isUndecided == SchemaSuiteExceptions.isUndecided(name), "\(name)")
        guard !isUndecided else { return }
        let isAsExpected = schema.accepts(.root, in: tape) == test["valid"]?.bool
        #expect(isAsExpected != SchemaSuiteExceptions.isJudgedOtherwise(group, test["description"]?.string ?? ""), "\(name)")
    }
}
