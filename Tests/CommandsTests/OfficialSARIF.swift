import Decision
import Foundation
import StrictJSON
import Testing

/// What readers of SARIF hold a document against.
enum OfficialSARIF {
    /// The official schema (Fixtures/sarif, OASIS), written for draft 4: `id`, `definitions` and a format are what 2020-12 says otherwise.
    private static func schema() throws -> Schema {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/sarif/sarif-schema-2.1.0.json")
        var text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        text = text.replacingOccurrences(of: "#/definitions/", with: "#/$defs/")
        text = text.replacingOccurrences(of: "\"format\": \"uri-reference\"", with: "\"$comment\": \"uri-reference\"")
        var root = try #require(try JSON(parsing: Array(text.utf8)).object)
        root["$id"] = root["id"]
        root["id"] = nil
        root["$schema"] = nil
        root["$defs"] = root["definitions"]
        root["definitions"] = nil
        return try Schema(.object(root))
    }

    static func isValid(_ json: JSON) throws -> Bool {
        var tape = JSONTape(seed: 1)
        try tape.parse(json.encoded())
        return try schema().accepts(.root, in: tape)
    }
}
