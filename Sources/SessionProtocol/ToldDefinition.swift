public import StrictJSON

/// What a server says of one of its things: a tool, a prompt, a resource template, or itself.
public struct ToldDefinition: Sendable, Hashable {
    public enum Kind: String, Sendable, CaseIterable {
        case tool, prompt, resourceTemplate, instructions
    }

    public var kind: Kind
    /// The tool's name and the like; empty for instructions.
    public var name: String
    /// RFC 8785, whole.
    public var definition: String

    /// Bytes of a definition beyond which it is not kept, and its tool quarantined.
    public static let sizeLimit = 64 << 10

    public init(_ kind: Kind, name: String, definition: String) {
        self.kind = kind
        self.name = name
        self.definition = definition
    }

    public var json: JSON { ["kind": .string(kind.rawValue), "name": .string(name), "definition": .string(definition)] }

    /// `nil` for everything else.
    public init?(_ json: JSON) {
        guard case .object(let object) = json, object.count == 3, let kind = json["kind"]?.string.flatMap(Kind.init(rawValue:)),
            let name = json["name"]?.string, let definition = json["definition"]?.string, definition.utf8.count <= Self.sizeLimit
        else { return nil }
        self.init(kind, name: name, definition: definition)
    }
}
