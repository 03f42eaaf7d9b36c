import Foundation
import StrictJSON
import Testing

private let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
private let suite = fixtures.appending(path: "json-parsing")
private let vectors = fixtures.appending(path: "jcs/testdata")

private func read(_ url: URL) throws -> [UInt8] { try [UInt8](Data(contentsOf: url)) }

private func names(_ prefix: String) -> [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: suite.path(percentEncoded: false))) ?? []
    return files.filter { $0.hasPrefix(prefix) }.sorted()
}

@Suite struct FixtureTests {
    /// Valid by RFC 8259, refused here on purpose.
    private static let stricter: Set = ["y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"]

    @Test("every file of JSONTestSuite that must be read is read, duplicate members excepted", arguments: names("y_"))
    func accepts(_ name: String) throws {
        let bytes = try read(suite.appending(path: name))
        if Self.stricter.contains(name) {
            let error = #expect(throws: JSONError.self) { try JSON(parsing: bytes) }
            #expect(error?.kind == .duplicateMember)
        } else {
            let value = try JSON(parsing: bytes)
            #expect(try JSON(parsing: value.encoded()) == value)
        }
    }

    @Test("every file of JSONTestSuite that must not be read is refused", arguments: names("n_"))
    func refuses(_ name: String) throws {
        let bytes = try read(suite.appending(path: name))
        #expect(throws: JSONError.self) { try JSON(parsing: bytes) }
    }

    @Test("what JSONTestSuite leaves open is decided: numbers are tokens, text is strict Unicode", arguments: names("i_"))
    func decides(_ name: String) throws {
        let bytes = try read(suite.appending(path: name))
        if name.hasPrefix("i_number_") {
            _ = try JSON(parsing: bytes)
        } else {
            #expect(throws: JSONError.self) { try JSON(parsing: bytes) }
        }
    }

    @Test("the fixtures are there")
    func fixturesExist() {
        #expect(names("y_").count > 30)
        #expect(names("n_").count > 80)
        #expect(names("i_").count > 10)
    }

    @Test(
        "the vectors of RFC 8785 come out as published, from tree and tape",
        arguments: ["arrays", "french", "structures", "unicode", "values", "weird"])
    func canonicalVectors(_ name: String) throws {
        let input = try read(vectors.appending(path: "input/\(name).json"))
        let expected = try read(vectors.appending(path: "output/\(name).json"))
        #expect(try JSON(parsing: input).canonical(rounding: .nearest) == expected)
        var tape = JSONTape()
        try tape.parse(input)
        var output: [UInt8] = []
        try tape.canonicalize(rounding: .nearest, into: &output)
        #expect(output == expected)
    }
}
