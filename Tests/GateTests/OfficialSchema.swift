import Decision
import Foundation
import MCP
import StrictJSON
import Synchronization

/// The official schema of a version, by which what the gate writes is judged. 2024-11-05 has none; 2025-03-26's stands in for it.
struct OfficialSchema: Sendable {
    private let version: ProtocolVersion
    private let definitions: JSON

    private static let directory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Integration/schema")
    private static let schemas = Mutex<[ProtocolVersion: OfficialSchema]>([:])
    private static let compiled = Mutex<[String: Schema]>([:])

    static func of(_ version: ProtocolVersion) throws -> OfficialSchema {
        try schemas.withLock { schemas in
            if let found = schemas[version] { return found }
            let schema = try OfficialSchema(version)
            schemas[version] = schema
            return schema
        }
    }

    private init(_ version: ProtocolVersion) throws {
        self.version = version == .november2024 ? .march2025 : version
        let bytes = try Data(contentsOf: Self.directory.appending(path: "\(self.version.rawValue).json"))
        let json = try JSON(parsing: Array(bytes), limits: JSONLimits(members: 1 << 20))
        definitions = Self.modernised(json["$defs"] ?? json["definitions"] ?? .null)
    }

    /// Draft 7 in the words of 2020-12, and without the formats that the compiler refuses, which are of content, not of messages.
    private static func modernised(_ json: JSON) -> JSON {
        switch json {
        case .array(let elements): return .array(elements.map(modernised))
        case .object(let object):
            var members = JSONObject()
            for (name, value) in object.members where !(name == "format" && ["byte", "uri-template"].contains(value)) {
                members[name] = modernised(value)
            }
            return .object(members)
        case .string(let text): return .string(text.replacing("#/definitions/", with: "#/$defs/"))
        case .null, .bool, .number: return json
        }
    }

    private func schema(_ name: String) throws -> Schema {
        let key = "\(version.rawValue) \(name)"
        if let found = Self.compiled.withLock({ $0[key] }) { return found }
        let schema = try Schema(["$ref": .string("#/$defs/\(name)"), "$defs": definitions])
        Self.compiled.withLock { $0[key] = schema }
        return schema
    }

    /// Whether a value is what the definition says.
    func accepts(_ value: JSON, as name: String) throws -> Bool {
        var tape = JSONTape()
        try tape.parse(value.encoded())
        return try schema(name).accepts(.root, in: tape)
    }

    /// What a line is not that it should be; empty where it is valid.
    func faults(in line: String) throws -> [String] {
        let message = try JSON(parsing: Array(line.utf8))
        let members = message.array ?? [message]
        return try (message.array != nil && version != .march2025 ? ["no batch"] : []) + members.flatMap(faults(inMessage:))
    }

    private func faults(inMessage json: JSON) throws -> [String] {
        let json = withoutNullID(json)
        var names = [(json, "JSONRPCMessage")]
        if let result = json["result"] { names += kinds(of: result).map { (result, $0) } }
        if let definition = kind(ofMethod: json["method"]?.string) { names.append((json, definition)) }
        if json["error"]?["code"] == -32022, version.era == .modern { names.append((json, "UnsupportedProtocolVersionError")) }
        return try names.filter { try !accepts($0.0, as: $0.1) }.map(\.1)
    }

    /// JSON-RPC's answer where no id could be read, which the schemas before 2025-11-25 do not know.
    private func withoutNullID(_ json: JSON) -> JSON {
        guard version < .november2025, json["id"] == JSON.null, json["error"] != nil, var object = json.object else { return json }
        object["id"] = 0
        return .object(object)
    }

    /// What a result is by its members.
    private func kinds(of result: JSON) -> [String] {
        var kinds = [
            "tools": "ListToolsResult", "content": "CallToolResult", "supportedVersions": "DiscoverResult",
            "protocolVersion": "InitializeResult", "resources": "ListResourcesResult", "resourceTemplates": "ListResourceTemplatesResult",
            "prompts": "ListPromptsResult", "contents": "ReadResourceResult", "messages": "GetPromptResult", "completion": "CompleteResult",
            "inputRequests": "InputRequiredResult",
        ]
        if version == .november2025 {
            kinds.merge(["task": "CreateTaskResult", "tasks": "ListTasksResult", "taskId": "GetTaskResult"]) { first, _ in first }
        }
        return kinds.filter { result[$0.key] != nil }.map(\.value)
    }

    /// What a message about a task is; the extension of 2026-07-28 has no schema among the official ones.
    private func kind(ofMethod method: String?) -> String? {
        guard version == .november2025 else { return nil }
        return switch method {
        case "tasks/get"?: "GetTaskRequest"
        case "tasks/result"?: "GetTaskPayloadRequest"
        case "tasks/cancel"?: "CancelTaskRequest"
        case "tasks/list"?: "ListTasksRequest"
        case "notifications/tasks/status"?: "TaskStatusNotification"
        case _: nil
        }
    }
}
