import StrictJSON

/// A checked tree as JSON, keys in the order of the grammar, values at the grammar's types.
enum DocumentWriter {
    static func document(_ root: YAMLNode, as kind: DocumentKind) -> JSON { write(root, kind.grammar) }

    private static func write(_ node: YAMLNode, _ shape: Shape) -> JSON {
        switch shape {
        case .text, .words: .string(node.text ?? "")
        case .flag, .integer, .number, .amount, .json, .schema, .call, .nothing: node.json
        case .list(let item): .array(node.items.map { write($0, item) })
        case .record(let fields): .object(JSONObject(members(node, fields)))
        case .table(_, let values): .object(JSONObject(node.entries.map { ($0.key, write($0.value, values)) }))
        case .either: write(node, alternative(shape, node))
        case .part(let part): write(node, part.shape)
        case .notYet(let inner): write(node, inner)
        }
    }

    private static func members(_ node: YAMLNode, _ fields: [Shape.Field]) -> [(String, JSON)] {
        fields.compactMap { field in node[field.name].map { (field.name, write($0, field.shape)) } }
    }

    /// INVARIANT: never an `either` again, so that writing ends.
    private static func alternative(_ shape: Shape, _ node: YAMLNode) -> Shape {
        let chosen = shape.alternative(for: node)
        if case .either = chosen { return .json }
        return chosen
    }
}
