import Foundation
import MCP
import StrictJSON
import Testing

/// The table of methods, held against the official schemas.
@Suite struct GrammarTests {
    private static let schemas = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Integration/schema")

    /// 2024-11-05 has no schema; what it has is what 2025-03-26 has.
    private static func definitions(_ version: ProtocolVersion) throws -> JSON {
        let file = version == .november2024 ? .march2025 : version
        let bytes = try Data(contentsOf: schemas.appending(path: "\(file.rawValue).json"))
        let schema = try JSON(parsing: Array(bytes), limits: JSONLimits(members: 1 << 20))
        return try #require(schema["$defs"] ?? schema["definitions"])
    }

    /// The methods of the messages that a union of the schema has.
    private static func methods(_ name: String, _ definitions: JSON) -> Set<String> {
        guard let union = definitions[name] else { return [] }
        let members = union["anyOf"]?.array?.compactMap { $0["$ref"]?.string?.split(separator: "/").last.map(String.init) }
        let found = members?.compactMap { definitions[$0] } ?? [union]
        return Set(found.compactMap { $0["properties"]?["method"]?["const"]?.string })
    }

    /// Of the extension of tasks, which the schema of 2026-07-28 does not have.
    private static let extensions: Set<Method> = [.getTask, .cancelTask, .updateTask, .tasks]

    @Test(
        "each side may send in each version what its schema has",
        arguments: ProtocolVersion.allCases, [(Side.client, "Client"), (.server, "Server")])
    func agrees(_ version: ProtocolVersion, _ who: (Side, String)) throws {
        let definitions = try Self.definitions(version)
        let official = Self.methods("\(who.1)Request", definitions).union(Self.methods("\(who.1)Notification", definitions))
        let known = Method.allCases.filter { $0.versions(from: who.0)?.contains(version) == true }
        let extensions = version.era == .modern ? Self.extensions : []
        #expect(Set(known.filter { !extensions.contains($0) }.map(\.rawValue)) == official)
    }

    @Test("a method of a notification is none of a request", arguments: Method.allCases)
    func kinds(_ method: Method) { #expect(method.isNotification == method.rawValue.hasPrefix("notifications/")) }

    @Test(
        "what is known depends on what was agreed on, and before that on the era",
        arguments: [
            (Method.elicit, Side.server, Era.legacy, ProtocolVersion.march2025, false), (.elicit, .server, .legacy, .june2025, true),
            (.elicit, .server, .legacy, nil, true), (.elicit, .server, .modern, nil, false), (.discover, .client, .legacy, nil, false),
            (.discover, .client, .modern, .june2025, true), (.ping, .client, .modern, .june2025, false),
            (.listTasks, .client, .legacy, .june2025, false), (.listTasks, .client, .legacy, .november2025, true),
            (.callTool, .server, .legacy, nil, false),
        ] as [(Method, Side, Era, ProtocolVersion?, Bool)])
    func agreement(_ method: Method, _ side: Side, _ era: Era, _ version: ProtocolVersion?, _ isKnown: Bool) {
        #expect(method.isKnown(from: side, in: era, agreed: version) == isKnown)
    }

    @Test("versions are known by exactly their names, and are in order")
    func versions() {
        #expect(ProtocolVersion.allCases == ProtocolVersion.allCases.sorted())
        #expect(ProtocolVersion.allCases.map(\.rawValue) == ProtocolVersion.allCases.map(\.rawValue).sorted())
        for version in ProtocolVersion.allCases { #expect(ProtocolVersion(Array(version.rawValue.utf8)) == version) }
        #expect(ProtocolVersion(Array("2025-11-25 ".utf8)) == nil)
        #expect(ProtocolVersion([]) == nil)
    }
}
