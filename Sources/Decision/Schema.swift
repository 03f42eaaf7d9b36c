import StrictJSON

/// A JSON Schema 2020-12, compiled. The subset that is built: `type`, `required`, `properties`, `additionalProperties`, `enum`;
/// other keywords are refused, never skipped.
public struct Schema: Sendable {
    /// What members may have that `properties` does not name.
    indirect enum Additional: Sendable {
        case any
        case none
        case schema(Schema)
    }

    struct Property: Sendable {
        let name: [UInt8]
        let folded: FoldedName
        let schema: Schema

        init(name: [UInt8], schema: Schema) {
            self.name = name
            self.schema = schema
            folded = FoldedName(name)
        }
    }

    var types: SchemaTypes = .all
    var required: [[UInt8]] = [] {
        didSet { foldedRequired = Set(required.map(FoldedName.init)) }
    }
    private(set) var foldedRequired: Set<FoldedName> = []
    var properties: [Property] = []
    var additional: Additional = .any
    /// What the value must be one of; nil when there is no `enum`.
    var values: [SchemaValue]?

    /// Whether every object is valid.
    public var acceptsEveryObject: Bool {
        guard types.contains(.object), required.isEmpty, values == nil else { return false }
        guard properties.allSatisfy({ $0.schema.acceptsEverything }) else { return false }
        return switch additional {
        case .any: true
        case .none: false
        case .schema(let schema): schema.acceptsEverything
        }
    }

    /// Whether surely no object is valid.
    public var refusesEveryObject: Bool {
        if !types.contains(.object) { return true }
        return values.map { !$0.contains(where: \.isObject) } ?? false
    }

    private var acceptsEverything: Bool { types == .all && acceptsEveryObject }
}
