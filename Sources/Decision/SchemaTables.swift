import StrictJSON

/// A compiled schema as flat tables whose entries name each other by position. What evaluation meets on its way is plain bits: it counts
/// no references and allocates nothing.
///
/// INVARIANT: every position and every run lies within its table; `SchemaTablesBuilder` is the only one who makes them.
struct SchemaTables: ~Copyable, Sendable {
    var nodes: [Node] = []
    var numbers: [NumberRules] = []
    var strings: [StringRules] = []
    var arrays: [ArrayRules] = []
    var objects: [ObjectRules] = []
    var combinations: [Combination] = []
    var names: [Name] = []
    var patternProperties: [PatternProperty] = []
    var dependencies: [Dependency] = []
    var constants: [Constant] = []
    /// The lists of values of `enum` and `const`, as runs of `constants`.
    var enumerations: [Run] = []
    /// Lists of nodes.
    var lists: [Int32] = []
    /// The bytes of all names and constants.
    var text: [UInt8] = []

    // What cannot be plain bits, for what is rare.
    var patterns: [SchemaPattern] = []
    var exactNumbers: [SchemaNumberRules] = []
    var values: [SchemaValue] = []

    /// A run of the entries of one table.
    struct Run: Sendable {
        var start: Int32 = 0
        var count: Int32 = 0

        var range: Range<Int> { Int(start)..<Int(start) + Int(count) }
        var isEmpty: Bool { count == 0 }
    }

    struct Node: Sendable {
        var types: SchemaTypes
        var enumerations: Run
        var number: Int32?
        var string: Int32?
        var array: Int32?
        var object: Int32?
        /// What applies to the same value.
        var combination: Int32?
        var reference: Int32?
    }

    /// A value of an `enum`.
    enum Constant: Sendable {
        case null
        case bool(Bool)
        case number(JSONShortDecimal)
        /// One of `names`.
        case string(Int32)
        /// One of `values`.
        case other(Int32)
    }

    /// A text that members' names or strings are compared with.
    struct Name: Sendable {
        let key: JSONKey
        /// In `text`.
        let bytes: Run
        /// What lax readers take it for; in `text`.
        let folded: Run
        /// What holds for the member of that name, by `properties` or `dependentSchemas`.
        var schema: Int32?
    }

    struct NumberRules: Sendable {
        var minimum: JSONShortDecimal?
        var maximum: JSONShortDecimal?
        var exclusiveMinimum: JSONShortDecimal?
        var exclusiveMaximum: JSONShortDecimal?
        var divisor: JSONShortDecimal?
        /// Whether these are all; else, and for numbers that are not short, `exactNumbers` has the answer at the same position.
        var isWhole: Bool
    }

    struct StringRules: Sendable {
        var minimum: Int
        var maximum: Int
        var pattern: Int32?
        /// The pattern without regard to case, for members' names.
        var folding: Int32?
        var format: SchemaFormat?
    }

    struct ArrayRules: Sendable {
        var minimum: Int
        var maximum: Int
        var isUnique: Bool
        /// In `lists`.
        var first: Run
        var rest: Int32?
        var contained: Int32?
        var leastContained: Int
        var mostContained: Int
    }

    struct ObjectRules: Sendable {
        var minimum: Int
        var maximum: Int
        /// Every name that the schema speaks of, in `names`; first those that are required. Those of `properties` have a schema.
        var known: Run
        var requiredCount: Int
        var patterns: Run
        var additional: Int32?
        var names: Int32?
        var dependencies: Run
        /// In `names`.
        var dependentSchemas: Run
    }

    struct PatternProperty: Sendable {
        let pattern: Int32
        let folding: Int32
        let schema: Int32
    }

    struct Dependency: Sendable {
        /// One of `names`.
        let trigger: Int32
        /// In `names`.
        let required: Run
    }

    /// `allOf`, `anyOf`, `oneOf` are runs of `lists`.
    struct Combination: Sendable {
        var all: Run
        var any: Run
        var one: Run
        var not: Int32?
        var condition: Int32?
        var consequence: Int32?
        var alternative: Int32?
    }
}
