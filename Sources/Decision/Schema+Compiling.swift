public import Policy
public import StrictJSON

extension Schema {
    /// Compiles the schema of a rule.
    public init(_ text: SchemaText) throws(SchemaProblem) {
        let json: JSON
        do { json = try JSON(parsing: text.json) } catch { throw SchemaProblem(.notJSON, at: "") }
        try self.init(json)
    }

    /// Compiles a schema. Every keyword is understood or refused.
    public init(_ json: JSON) throws(SchemaProblem) {
        try self.init(json, at: "", depth: 0)
    }

    private static let deepest = 64

    private init(_ json: JSON, at pointer: String, depth: Int) throws(SchemaProblem) {
        guard depth < Self.deepest else { throw SchemaProblem(.tooDeep, at: pointer) }
        switch json {
        case .bool(true): break
        case .bool(false): types = []
        case .object(let object):
            for (keyword, value) in object.members { try take(keyword, value, at: pointer, depth) }
        case .null, .number, .string, .array: throw SchemaProblem(.notSchema, at: pointer)
        }
    }

    private mutating func take(_ keyword: String, _ value: JSON, at pointer: String, _ depth: Int) throws(SchemaProblem) {
        let place = "\(pointer)/\(Self.escaped(keyword))"
        switch keyword {
        case "type": types.formIntersection(try Self.types(value, at: place))
        case "required": required = try Self.names(value, at: place)
        case "properties": properties = try Self.properties(value, at: place, depth)
        case "additionalProperties": additional = try Self.additional(value, at: place, depth)
        case "enum": values = try Self.values(value, at: place)
        case "title", "description", "$comment", "$schema":
            guard value.string != nil else { throw SchemaProblem(.badValue(keyword: keyword), at: place) }
        case "default", "examples": break
        default: throw SchemaProblem(.unsupportedKeyword(keyword), at: place)
        }
    }

    private static func types(_ value: JSON, at place: String) throws(SchemaProblem) -> SchemaTypes {
        let words = value.array ?? [value]
        guard !words.isEmpty else { throw SchemaProblem(.badValue(keyword: "type"), at: place) }
        var types: SchemaTypes = []
        for word in words {
            guard let one = word.string.flatMap(SchemaTypes.init(word:)) else {
                throw SchemaProblem(.badValue(keyword: "type"), at: place)
            }
            types.formUnion(one)
        }
        return types
    }

    private static func names(_ value: JSON, at place: String) throws(SchemaProblem) -> [[UInt8]] {
        guard let items = value.array else { throw SchemaProblem(.badValue(keyword: "required"), at: place) }
        var names: [[UInt8]] = []
        for (index, item) in items.enumerated() {
            guard let name = item.string.map({ Array($0.utf8) }), !names.contains(name) else {
                throw SchemaProblem(.badValue(keyword: "required"), at: "\(place)/\(index)")
            }
            names.append(name)
        }
        return names
    }

    private static func properties(_ value: JSON, at place: String, _ depth: Int) throws(SchemaProblem) -> [Property] {
        guard let object = value.object else { throw SchemaProblem(.badValue(keyword: "properties"), at: place) }
        var properties: [Property] = []
        for (name, schema) in object.members {
            let compiled = try Schema(schema, at: "\(place)/\(escaped(name))", depth: depth + 1)
            properties.append(Property(name: Array(name.utf8), schema: compiled))
        }
        return properties
    }

    private static func additional(_ value: JSON, at place: String, _ depth: Int) throws(SchemaProblem) -> Additional {
        switch value {
        case .bool(true): .any
        case .bool(false): .none
        case .null, .number, .string, .array, .object: .schema(try Schema(value, at: place, depth: depth + 1))
        }
    }

    private static func values(_ value: JSON, at place: String) throws(SchemaProblem) -> [SchemaValue] {
        guard let items = value.array, !items.isEmpty else { throw SchemaProblem(.badValue(keyword: "enum"), at: place) }
        return items.map(SchemaValue.init)
    }

    /// A name as a segment of a JSON Pointer (RFC 6901 section 3).
    private static func escaped(_ name: String) -> String {
        var bytes: [UInt8] = []
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "~"): bytes += Array("~0".utf8)
            case UInt8(ascii: "/"): bytes += Array("~1".utf8)
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
