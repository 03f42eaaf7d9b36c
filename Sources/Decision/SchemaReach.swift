/// What a schema says of all objects alike. Only what is obvious is found.
struct SchemaReach {
    private let nodes: [SchemaNode]

    /// The first node is the whole schema.
    init(_ nodes: [SchemaNode]) { self.nodes = nodes }

    /// Whether surely every object is valid.
    var acceptsEveryObject: Bool { nodes[0].types.contains(.object) && isOpen(0, .object, depth: 0) }

    /// Whether surely no object is valid.
    var refusesEveryObject: Bool {
        !nodes[0].types.contains(.object) || nodes[0].values.contains { !$0.contains(where: \.isObject) }
    }

    /// Whether surely all values of some types are valid.
    private func isOpen(_ index: Int, _ types: SchemaTypes, depth: Int) -> Bool {
        let node = nodes[index]
        guard depth < 16, node.types.isSuperset(of: types), node.values.isEmpty, node.combined == nil, node.reference == nil else {
            return false
        }
        if types.contains(.object), let rules = node.object?.rules, !isOpen(rules, depth) { return false }
        return types == .object || node.number == nil && node.string == nil && node.array == nil
    }

    private func isOpen(_ rules: SchemaObjectRules, _ depth: Int) -> Bool {
        guard rules.minimum == 0, rules.maximum == .max, rules.required.isEmpty, rules.names == nil else { return false }
        guard rules.dependencies.isEmpty, rules.dependentSchemas.isEmpty else { return false }
        let schemas = rules.properties.map(\.schema) + rules.patterns.map(\.schema) + (rules.additional.map { [$0] } ?? [])
        return schemas.allSatisfy { isOpen($0, .all, depth: depth + 1) }
    }
}
