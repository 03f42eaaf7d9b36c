import ClientConfigs
import Foundation

/// Configurations as clients and people write them, and what must come of each.
struct ConfigFixture: Sendable, CustomStringConvertible {
    static let directory = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
    static let rewrites = ProcessInfo.processInfo.environment["SANDBOXD_REWRITE_GOLDEN"] != nil

    let client: MCPClient
    let name: String

    var description: String { "\(client.rawValue)/\(name)" }

    /// The place of the client's that has this format.
    var file: ClientFile {
        let format: ConfigFormat = name.hasSuffix(".toml") ? .toml : name.hasSuffix(".yaml") ? .yaml : .json
        return client.files.first { $0.format == format && (name != "settings.json" || $0.path.hasSuffix(name)) } ?? client.files[0]
    }

    var bytes: [UInt8] { get throws { Array(try Data(contentsOf: url(""))) } }

    func url(_ ending: String) -> URL { Self.directory.appending(path: "\(client.rawValue)/\(name)\(ending)") }

    /// Compares with what is committed, or rewrites that.
    func matches(_ bytes: [UInt8], ending: String) throws -> Bool {
        if Self.rewrites { try Data(bytes).write(to: url(ending)) }
        return Array(try Data(contentsOf: url(ending))) == bytes
    }

    static let all: [ConfigFixture] = MCPClient.allCases.flatMap { client in
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.appending(path: client.rawValue).path)) ?? []
        return names.filter { !$0.hasSuffix(".wrapped") && !$0.hasSuffix(".servers") }.sorted().map {
            ConfigFixture(client: client, name: $0)
        }
    }
}
