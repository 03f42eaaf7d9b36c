public import Policy
public import StrictJSON

/// A JSON Schema 2020-12, compiled once. Every keyword is understood or refused, never skipped; annotations say nothing. Formats
/// are asserted, patterns are RE2's with the meaning of ECMA-262, `$ref` stays within the document.
public struct Schema: Sendable {
    let nodes: [SchemaNode]
    let root: Int
    /// Whether an object without members is valid.
    public let acceptsEmptyObject: Bool

    /// Compiles the schema of a rule.
    public init(_ text: JSONText) throws(SchemaProblem) {
        let json: JSON
        do { json = try JSON(parsing: text.json) } catch { throw SchemaProblem(.notJSON, at: "") }
        try self.init(json)
    }

    /// Compiles a schema.
    public init(_ json: JSON) throws(SchemaProblem) {
        var compiler = SchemaCompiler()
        root = try compiler.compile(json, at: "", depth: 0)
        nodes = try compiler.finish()
        var evaluation = SchemaEvaluation(nodes)
        var tape = JSONTape(seed: 0)
        let isParsed = (try? tape.parse(Array("{}".utf8))) != nil
        acceptsEmptyObject = isParsed && evaluation.evaluate(root, .root, tape) == .true
    }

    /// Whether a value is valid. Unknown when a member is named like one that the schema speaks of but for case: which of them the
    /// server would take is not known. Unknown too when finding out would take too long.
    func evaluate(_ node: JSONNode, in tape: borrowing JSONTape) -> Truth {
        var evaluation = SchemaEvaluation(nodes)
        return evaluation.evaluate(root, node, tape)
    }

    /// Whether a value is surely valid.
    public func accepts(_ node: JSONNode, in tape: borrowing JSONTape) -> Bool { evaluate(node, in: tape) == .true }

    /// Whether a value is neither surely valid nor surely invalid.
    public func isUndecided(_ node: JSONNode, in tape: borrowing JSONTape) -> Bool { evaluate(node, in: tape) == .unknown }

    /// Whether surely every object is valid.
    public var acceptsEveryObject: Bool { nodes[root].types.contains(.object) && isOpen(root, .object, depth: 0) }

    /// Whether surely no object is valid.
    public var refusesEveryObject: Bool {
        !nodes[root].types.contains(.object) || nodes[root].values.contains { !$0.contains(where: \.isObject) }
    }

    /// Whether surely all values of some types are valid. Only what is obvious is found.
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
