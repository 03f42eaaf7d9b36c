/// A keyword that is understood. Any other is refused.
enum SchemaKeyword: Sendable {
    enum Core: String {
        case definitions = "$defs"
        case reference = "$ref"
        case anchor = "$anchor"
        case type, `enum`, const
    }
    enum Combination: String { case allOf, anyOf, oneOf, not, `if`, then, `else` }
    enum Number: String { case minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf }
    enum Text: String { case minLength, maxLength, pattern, format }
    enum List: String { case minItems, maxItems, uniqueItems, prefixItems, items, contains, minContains, maxContains }
    enum Object: String {
        case minProperties, maxProperties, required, properties, patternProperties, additionalProperties, propertyNames
        case dependentRequired, dependentSchemas
    }
    /// What says nothing about values.
    enum Annotation: String {
        case schema = "$schema"
        case id = "$id"
        case comment = "$comment"
        case title, description, `default`, examples, deprecated, readOnly, writeOnly
    }

    case core(Core)
    case combination(Combination)
    case number(Number)
    case text(Text)
    case list(List)
    case object(Object)
    case annotation(Annotation)

    init?(_ name: String) {
        // Among ASCII, String compares bytes.
        guard name.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        let found: SchemaKeyword? =
            Core(rawValue: name).map { .core($0) } ?? Combination(rawValue: name).map { .combination($0) }
            ?? Number(rawValue: name).map { .number($0) } ?? Text(rawValue: name).map { .text($0) }
            ?? List(rawValue: name).map { .list($0) } ?? Object(rawValue: name).map { .object($0) }
            ?? Annotation(rawValue: name).map { .annotation($0) }
        guard let found else { return nil }
        self = found
    }
}
