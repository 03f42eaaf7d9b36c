import StrictJSON

/// Lays compiled nodes out flat.
struct SchemaTablesBuilder: ~Copyable {
    private var tables = SchemaTables()

    static func tables(of nodes: [SchemaNode]) -> SchemaTables {
        var builder = SchemaTablesBuilder()
        for node in nodes { builder.add(node) }
        return builder.finish()
    }

    private consuming func finish() -> SchemaTables { tables }

    private mutating func add(_ node: SchemaNode) {
        let start = Int32(tables.enumerations.count)
        // Constants of a list lie together, so that nothing else is added to their table in between.
        for list in node.values { tables.enumerations.append(Self.run(&tables.constants, list.map { constant($0) })) }
        let flat = SchemaTables.Node(
            types: node.types, enumerations: SchemaTables.Run(start: start, count: Int32(node.values.count)),
            number: node.number.map { number($0.rules) }, string: node.string.map { string($0.rules) },
            array: node.array.map { array($0.rules) }, object: node.object.map { object($0.rules) },
            combination: node.combined.map { combination($0.rules) }, reference: node.reference.map(Int32.init))
        tables.nodes.append(flat)
    }

    /// Appends to a table and says where.
    private static func append<Entry>(_ table: inout [Entry], _ entry: Entry) -> Int32 {
        table.append(entry)
        return Int32(table.count - 1)
    }

    private static func run<Entry>(_ table: inout [Entry], _ entries: [Entry]) -> SchemaTables.Run {
        defer { table += entries }
        return SchemaTables.Run(start: Int32(table.count), count: Int32(entries.count))
    }

    private mutating func list(_ nodes: [Int]) -> SchemaTables.Run { Self.run(&tables.lists, nodes.map(Int32.init)) }

    // MARK: Names and values

    private mutating func name(_ name: SchemaName, schema: Int? = nil) -> SchemaTables.Name {
        SchemaTables.Name(
            key: JSONKey(name.bytes.span), bytes: Self.run(&tables.text, name.bytes), folded: Self.run(&tables.text, name.folded.text),
            schema: schema.map(Int32.init))
    }

    private mutating func names(_ names: [SchemaName]) -> SchemaTables.Run { Self.run(&tables.names, names.map { name($0) }) }

    private mutating func constant(_ value: SchemaValue) -> SchemaTables.Constant {
        switch value {
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .string(let bytes): return .string(Self.append(&tables.names, name(SchemaName(bytes))))
        case .number(let decimal): if let short = decimal.short { return .number(short) }
        case .array, .object: break
        }
        return .other(Self.append(&tables.values, value))
    }

    // MARK: Rules

    private mutating func number(_ rules: SchemaNumberRules) -> Int32 {
        let bounds = [rules.minimum, rules.maximum, rules.exclusiveMinimum, rules.exclusiveMaximum, rules.divisor]
        let flat = SchemaTables.NumberRules(
            minimum: rules.minimum?.short, maximum: rules.maximum?.short, exclusiveMinimum: rules.exclusiveMinimum?.short,
            exclusiveMaximum: rules.exclusiveMaximum?.short, divisor: rules.divisor?.short,
            isWhole: bounds.allSatisfy { $0 == nil || $0?.short != nil })
        tables.exactNumbers.append(rules)
        return Self.append(&tables.numbers, flat)
    }

    private mutating func string(_ rules: SchemaStringRules) -> Int32 {
        let flat = SchemaTables.StringRules(
            minimum: rules.minimum, maximum: rules.maximum, pattern: rules.pattern.map { Self.append(&tables.patterns, $0) },
            folding: rules.folding.map { Self.append(&tables.patterns, $0) }, format: rules.format)
        return Self.append(&tables.strings, flat)
    }

    private mutating func array(_ rules: SchemaArrayRules) -> Int32 {
        let flat = SchemaTables.ArrayRules(
            minimum: rules.minimum, maximum: rules.maximum, isUnique: rules.isUnique, first: list(rules.first),
            rest: rules.rest.map(Int32.init), contained: rules.contained.map(Int32.init), leastContained: rules.leastContained,
            mostContained: rules.mostContained)
        return Self.append(&tables.arrays, flat)
    }

    private mutating func object(_ rules: SchemaObjectRules) -> Int32 {
        let schemas = Dictionary(rules.properties.map { ($0.name, $0.schema) }) { first, _ in first }
        let required = Set(rules.required)
        let others = rules.spokenOf.filter { !required.contains($0) }
        let known = (rules.required + others).map { name($0, schema: schemas[$0]) }
        let flat = SchemaTables.ObjectRules(
            minimum: rules.minimum, maximum: rules.maximum, known: Self.run(&tables.names, known), requiredCount: rules.required.count,
            patterns: patterns(rules.patterns), additional: rules.additional.map(Int32.init), names: rules.names.map(Int32.init),
            dependencies: dependencies(rules.dependencies),
            dependentSchemas: Self.run(&tables.names, rules.dependentSchemas.map { name($0.name, schema: $0.schema) }))
        return Self.append(&tables.objects, flat)
    }

    private mutating func patterns(_ properties: [SchemaObjectRules.PatternProperty]) -> SchemaTables.Run {
        let flat = properties.map { property in
            SchemaTables.PatternProperty(
                pattern: Self.append(&tables.patterns, property.pattern), folding: Self.append(&tables.patterns, property.folding),
                schema: Int32(property.schema))
        }
        return Self.run(&tables.patternProperties, flat)
    }

    private mutating func dependencies(_ dependencies: [SchemaObjectRules.Dependency]) -> SchemaTables.Run {
        let flat = dependencies.map { dependency in
            SchemaTables.Dependency(trigger: Self.append(&tables.names, name(dependency.name)), required: names(dependency.required))
        }
        return Self.run(&tables.dependencies, flat)
    }

    private mutating func combination(_ rules: SchemaCombination) -> Int32 {
        let flat = SchemaTables.Combination(
            all: list(rules.all), any: list(rules.any), one: list(rules.one), not: rules.not.map(Int32.init),
            condition: rules.condition.map(Int32.init), consequence: rules.consequence.map(Int32.init),
            alternative: rules.alternative.map(Int32.init))
        return Self.append(&tables.combinations, flat)
    }
}
