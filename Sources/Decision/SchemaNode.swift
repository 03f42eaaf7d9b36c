/// One schema object or boolean, compiled. Other nodes are named by their index.
struct SchemaNode: Sendable {
    var types: SchemaTypes = .all
    /// What the value must be one of, by `enum` and by `const`; each list is one keyword.
    var values: [[SchemaValue]] = []
    var number: SchemaBox<SchemaNumberRules>?
    var string: SchemaBox<SchemaStringRules>?
    var array: SchemaBox<SchemaArrayRules>?
    var object: SchemaBox<SchemaObjectRules>?
    /// What applies to the same value.
    var combined: SchemaBox<SchemaCombination>?
    var reference: Int?
}

/// Keywords of one kind behind one reference, so that a node is small.
final class SchemaBox<Rules: Sendable>: Sendable {
    let rules: Rules

    init(_ rules: Rules) { self.rules = rules }
}

/// `allOf`, `anyOf`, `oneOf`, `not`, `if`, `then`, `else`.
struct SchemaCombination: Sendable {
    var all: [Int] = []
    var any: [Int] = []
    var one: [Int] = []
    var not: Int?
    var condition: Int?
    var consequence: Int?
    var alternative: Int?
}

/// What an array must be.
struct SchemaArrayRules: Sendable {
    var minimum = 0
    var maximum = Int.max
    var isUnique = false
    var first: [Int] = []
    /// What holds for the elements after `first`.
    var rest: Int?
    var contained: Int?
    var leastContained = 1
    var mostContained = Int.max
}

/// What an object must be.
struct SchemaObjectRules: Sendable {
    struct Property: Sendable {
        let name: SchemaName
        let schema: Int
    }

    struct PatternProperty: Sendable {
        let pattern: SchemaPattern
        /// The same, without regard to case.
        let folding: SchemaPattern
        let schema: Int
    }

    struct Dependency: Sendable {
        let name: SchemaName
        let required: [SchemaName]
    }

    var minimum = 0
    var maximum = Int.max
    var required: [SchemaName] = []
    var properties: [Property] = []
    var patterns: [PatternProperty] = []
    /// What holds for members that neither `properties` nor `patterns` speaks of.
    var additional: Int?
    var names: Int?
    var dependencies: [Dependency] = []
    var dependentSchemas: [Property] = []

    /// Every name that the schema speaks of; set when all else is.
    var spokenOf: [SchemaName] = []

    mutating func collectNames() {
        let names = required + properties.map(\.name) + dependencies.flatMap { [$0.name] + $0.required } + dependentSchemas.map(\.name)
        var seen: Set<SchemaName> = []
        spokenOf = names.filter { seen.insert($0).inserted }
    }
}
