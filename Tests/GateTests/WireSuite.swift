import Foundation
import MCP
import StrictJSON
import Testing

/// The wire suite of Tests/Fixtures/wire, as values. What its members mean says the README there.
struct WireCase: Sendable, CustomTestStringConvertible {
    struct Step: Sendable {
        enum Input: Sendable {
            case line(Side, [UInt8])
            /// Without a line end, at the end of the client's stream.
            case unfinished([UInt8])
        }

        let input: Input
        let toServer: [WireAnswer]
        let toClient: [WireAnswer]
        let reasons: [String]
    }

    let topic: String
    let what: String
    let version: ProtocolVersion
    let steps: [Step]

    var testDescription: String { "\(topic), \(version.rawValue): \(what)" }

    static let directory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fixtures/wire")

    /// All cases in all their versions; a file that cannot be read is one case without steps, which fails.
    static let all: [WireCase] = {
        let files = (try? FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)) ?? []
        return files.filter { $0.pathExtension == "json" }.sorted { $0.path < $1.path }.flatMap(read)
    }()

    private static func read(_ file: URL) -> [WireCase] {
        let topic = file.deletingPathExtension().lastPathComponent
        guard let bytes = try? Data(contentsOf: file), let json = try? JSON(parsing: Array(bytes)), let cases = json["cases"]?.array else {
            return [WireCase(topic: topic, what: "cannot be read", version: .november2024, steps: [])]
        }
        return cases.flatMap { one in
            let versions = one["versions"]?.array?.compactMap { $0.string.flatMap(ProtocolVersion.init(rawValue:)) }
            return (versions ?? ProtocolVersion.allCases).map { WireCase(topic, one, $0) }
        }
    }

    private init(topic: String, what: String, version: ProtocolVersion, steps: [Step]) {
        (self.topic, self.what, self.version, self.steps) = (topic, what, version, steps)
    }

    private init(_ topic: String, _ json: JSON, _ version: ProtocolVersion) {
        let written = json["steps"]?.array ?? [json]
        let steps = written.compactMap { Step($0, version) }
        // One without all its steps is one without any, which fails.
        self.init(topic: topic, what: json["what"]?.string ?? "", version: version, steps: steps.count == written.count ? steps : [])
    }
}

extension WireCase.Step {
    fileprivate init?(_ json: JSON, _ version: ProtocolVersion) {
        if let line = json["client"] {
            input = .line(.client, WireText.bytes(line, version))
        } else if let line = json["server"] {
            input = .line(.server, WireText.bytes(line, version))
        } else if let line = json["unfinished"] {
            input = .unfinished(WireText.bytes(line, version))
        } else {
            return nil
        }
        toServer = (json["toServer"]?.array ?? []).map { WireAnswer($0, version) }
        toClient = (json["toClient"]?.array ?? []).map { WireAnswer($0, version) }
        reasons = (json["reasons"]?.array ?? []).compactMap(\.string)
    }
}

/// Text of the suite, as bytes.
enum WireText {
    private static func meta(_ version: ProtocolVersion) -> String {
        version.era == .modern
            ? #""_meta":{"io.modelcontextprotocol/protocolVersion":"\#(version.rawValue)","io.modelcontextprotocol/clientCapabilities":{}}"#
            : #""_meta":{}"#
    }

    static func text(_ text: String, _ version: ProtocolVersion) -> String {
        text.replacing("@meta", with: meta(version)).replacing("@type", with: version.era == .modern ? #""resultType":"complete","# : "")
    }

    static func bytes(_ json: JSON, _ version: ProtocolVersion) -> [UInt8] {
        if let pieces = json.array { return pieces.flatMap { bytes($0, version) } }
        if let hex = json["hex"]?.string {
            return stride(from: 0, to: hex.utf8.count, by: 2).compactMap { UInt8(hex.dropFirst($0).prefix(2), radix: 16) }
        }
        if let piece = json["repeat"]?.string, let times = json["times"]?.int64 {
            return Array(repeatElement(Array(piece.utf8), count: Int(times)).joined())
        }
        return Array(text(json.string ?? "", version).utf8)
    }
}
