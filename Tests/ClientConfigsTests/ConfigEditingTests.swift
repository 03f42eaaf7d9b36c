import Foundation
import TestSupport
import Testing

@testable import ClientConfigs

@Suite struct ConfigEditingTests {
    /// Files of each client.
    private static let rounds = ProcessInfo.processInfo.environment["SANDBOXD_LONG"] == nil ? 400 : 10_000

    /// What a file says, entry by entry.
    private static func said(_ document: ConfigDocument, _ file: ClientFile) throws -> [String: [String]] {
        Dictionary(
            uniqueKeysWithValues: try document.servers(of: file).map { entry in
                let words: [String] = if case .program(let place) = entry.kind { place.words } else { ["\(entry.kind)"] }
                return (entry.path.map { "\($0.utf8.map { $0 })" }.joined(separator: "/"), words)
            })
    }

    @Test("wrapping changes one entry and nothing else, and unwrapping gives the same bytes", arguments: MCPClient.allCases)
    func isReversible(_ client: MCPClient) throws {
        let seed = ProcessInfo.processInfo.environment["SANDBOXD_SEED"].flatMap { UInt64($0) } ?? .random(in: .min ... .max)
        let file = client.files[0]
        var wrapped = 0, refused = 0
        for round in 0..<UInt64(Self.rounds) {
            var config = RandomConfig(client, seed: seed &+ round)
            let bytes = config.bytes()
            let shown = "seed \(seed &+ round): \(String(decoding: bytes, as: UTF8.self))"
            do {
                let document = try ConfigDocument(bytes, file.format)
                let before = try Self.said(document, file)
                for entry in try document.servers(of: file) {
                    guard case .program(let place) = entry.kind, WrappedCommand(place.words) == nil else { continue }
                    let result: [UInt8]
                    do { result = try document.wrapping(entry, .test(entry), in: file) } catch {
                        refused += 1
                        continue
                    }
                    wrapped += 1
                    let again = try ConfigDocument(result, file.format)
                    let after = try Self.said(again, file)
                    let changed = before.keys.filter { before[$0] != after[$0] }
                    let found = try #require(try again.servers(of: file).first { $0.path.elementsEqual(entry.path) })
                    guard case .program(let now) = found.kind else { return #expect(Bool(false), "\(shown)") }
                    let command = try #require(WrappedCommand(now.words), "\(shown)")
                    try #require(changed.count == 1 && before.count == after.count, "\(shown)")
                    try #require(command.command == place.words && command.verb == .wrap(policy: "time"), "\(shown)")
                    try #require(try again.unwrapping(found, in: file) == bytes, "\(shown)")
                }
            } catch {
                Issue.record("\(error); \(shown)")
                return
            }
        }
        // A scalar of YAML may mean something else between brackets; nothing else is left to its author.
        #expect(wrapped > Self.rounds)
        #expect(refused * 20 <= (client == .goose ? wrapped : 0), "\(refused) refused, \(wrapped) wrapped, seed \(seed)")
    }

    private static func entry(_ text: String, _ client: MCPClient = .cursor) throws -> (
        document: ConfigDocument, entry: ServerEntry, file: ClientFile
    ) {
        let file = client.files[0]
        let document = try ConfigDocument(Array(text.utf8), file.format)
        return (document, try #require(try document.servers(of: file).first), file)
    }

    private static func unwrapped(_ text: String, _ client: MCPClient = .cursor) throws -> String {
        let (document, entry, file) = try entry(text, client)
        return String(decoding: try document.unwrapping(entry, in: file), as: UTF8.self)
    }

    @Test(
        "what a client wrote anew, or a person wrote by hand, is unwrapped as far as it goes",
        arguments: [
            // Claude Code lays out lists by lines.
            (
                "{\"mcpServers\": {\"t\": {\"command\": \"/usr/bin/sandboxctl\", \"args\": [\n  \"wrap\",\n  \"--policy=p\",\n  \"--\",\n  \"c\"\n]}}}",
                "{\"mcpServers\": {\"t\": {\"command\": \"c\"}}}"
            ),
            (
                "{\"mcpServers\": {\"t\": {\"args\": [\"wrap\", \"--policy\", \"p\", \"--\", \"c\", \"a\",], \"command\": \"sandboxctl\"}}}",
                "{\"mcpServers\": {\"t\": {\"args\": [\"a\",], \"command\": \"c\"}}}"
            ),
            (
                "{\"mcpServers\": {\"t\": {\"args\": [\"wrap\", \"--policy=p\", \"--\", \"c\",], \"command\": \"sandboxctl\"}}}",
                "{\"mcpServers\": {\"t\": {\"args\": [], \"command\": \"c\"}}}"
            ),
        ])
    func unwrapsOthers(_ text: String, _ expected: String) throws {
        #expect(try Self.unwrapped(text) == expected)
    }

    @Test("of a list of lines that held nothing else an empty list stays")
    func unwrapsBlock() throws {
        let text = "extensions:\n  t:\n    args:\n      - wrap\n      - --policy\n      - p\n      - --\n      - c\n    cmd: sandboxctl\n"
        #expect(try Self.unwrapped(text, .goose) == "extensions:\n  t:\n    args:\n      []\n    cmd: c\n")
    }

    @Test(
        "what no exact edit is known for is refused, and nothing is guessed",
        arguments: [
            // A comment among the words that would go.
            (
                "{\"mcpServers\": {\"t\": {\"command\": \"sandboxctl\", \"args\": [\"wrap\", \"--policy\", /* mine */ \"p\", \"--\", \"c\"]}}}",
                MCPClient.cursor
            ),
            ("{\"mcpServers\": {\"t\": {\"command\": \"sandboxctl\", \"args\": [\"wrap\", \"--policy\", \"p\"]}}}", .cursor),
            (
                "extensions:\n  t:\n    args:\n      - wrap\n      # mine\n      - --policy\n      - p\n      - --\n      - c\n    cmd: sandboxctl\n",
                .goose
            ),
        ])
    func refusesUnwrapping(_ text: String, _ client: MCPClient) throws {
        let (document, entry, file) = try Self.entry(text, client)
        #expect(throws: NotEditable.self) { _ = try document.unwrapping(entry, in: file) }
    }

    @Test(
        "a command over several lines, or before its own line's indentation, is not moved",
        arguments: [
            "extensions:\n  t:\n    cmd: >\n      npx\n", "extensions:\n  t:\n    cmd: \"a\n      b\"\n",
            "extensions:\n  t: { cmd: a,\n    args: }\n",
            "extensions:\n  t:\n    cmd: a,b\n    args: [x]\n",
        ])
    func refusesWrapping(_ text: String) throws {
        let (document, entry, file) = try Self.entry(text, .goose)
        #expect(throws: NotEditable.self) { _ = try document.wrapping(entry, .test(entry), in: file) }
    }

    @Test("the lines to write by hand are those of the format")
    func givesLines() throws {
        let (document, entry, _) = try Self.entry("{\"mcpServers\": {\"t\": {\"command\": \"c\", \"args\": [\"a\"]}}}")
        #expect(
            document.lines(wrapping: entry, .test(entry)) == [
                "\"command\": \"/usr/local/bin/sandboxctl\",",
                "\"args\": [\"wrap\", \"--policy\", \"time\", \"--name\", \"t\", \"--\", \"c\", \"a\"],",
            ])
        let (codex, server, _) = try Self.entry(
            "[mcp_servers.t]\ncommand = \"sandboxctl\"\nargs = [\"wrap\", \"--policy\", \"p\", \"--\", \"c\"]\n", .codex)
        #expect(codex.lines(unwrapping: server) == ["command = \"c\"", "args = []"])
    }

    @Test("a table of servers that is none is told where it stands", arguments: ["{\"mcpServers\": []}", "{\"mcpServers\": \"x\"}", "[]"])
    func refusesNoTable(_ text: String) throws {
        let document = try ConfigDocument(Array(text.utf8), .json)
        #expect(throws: ConfigDocument.NoTable.self) { _ = try document.servers(of: MCPClient.cursor.files[0]) }
    }

    @Test(
        "entries that cannot be wrapped say why",
        arguments: [
            ("1", .notATable), ("{}", .builtIn), ("{\"command\": \"c\", \"url\": \"u\"}", .commandAndAddress),
            ("{\"command\": \"\"}", .badCommand),
            ("{\"command\": 1}", .badCommand), ("{\"command\": []}", .badCommand), ("{\"command\": [\"a\", 1]}", .badCommand),
            ("{\"command\": \"c\", \"args\": \"a\"}", .badArguments), ("{\"command\": \"c\", \"args\": [[]]}", .badArguments),
            ("{\"command\": \"c\", \"args\": null}", .badArguments),
        ] as [(String, ServerEntry.Oddity)])
    func saysWhy(_ entry: String, _ oddity: ServerEntry.Oddity) throws {
        guard case .other(let found) = try Self.entry("{\"mcpServers\": {\"t\": \(entry)}}").entry.kind else { return #expect(Bool(false)) }
        #expect(found == oddity)
    }
}
