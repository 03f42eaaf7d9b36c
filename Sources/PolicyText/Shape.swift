/// What may stand at a place of a policy: the grammar as a value, read by the checker, the writer of documents and "did you mean".
indirect enum Shape: Sendable {
    case text(TextRule)
    /// One of a closed set of words.
    case words([Word])
    /// A Boolean, and which of the two values is enforced.
    case flag(enforced: [Bool])
    case integer(ClosedRange<Int>)
    case number
    /// A number that is not negative.
    case amount
    /// Never empty.
    case list(Shape)
    /// A fixed set of keys.
    case record([Field])
    /// Keys that the author chooses.
    case table(names: TextRule, Shape)
    /// Told apart by the kind of the node.
    case either([Shape])
    /// Any JSON.
    case json
    /// A JSON Schema.
    case schema
    /// A tool's name and, perhaps, its arguments: `[get_note, {title: x}]`.
    case call
    case nothing
    /// A part of the grammar that contains itself.
    case part(GrammarPart)
    /// Known, of this shape, and not enforced yet.
    case notYet(Shape)

    struct Word: Sendable {
        var text: String
        var isEnforced: Bool
    }

    struct Field: Sendable {
        var name: String
        var shape: Shape
        var isRequired = false
    }
}

extension Shape {
    static func words(_ enforced: String..., notYet: [String] = []) -> Shape {
        .words(enforced.map { Word(text: $0, isEnforced: true) } + notYet.map { Word(text: $0, isEnforced: false) })
    }

    /// What a message says is expected.
    var expectation: String {
        switch self {
        case .text(let rule): rule.expectation
        case .words(let words): words.map(\.text).joined(separator: ", ")
        case .flag: "true or false"
        case .integer(let range): range.upperBound == .max ? "a whole number from \(range.lowerBound)" : "a whole number in \(range)"
        case .number: "a number"
        case .amount: "a number that is not negative"
        case .list: "a list"
        case .record, .table, .schema, .part: "a mapping"
        case .either(let shapes): shapes.map(\.expectation).joined(separator: " or ")
        case .call: "a list of a tool and its arguments"
        case .json: "any value"
        case .nothing: "null"
        case .notYet(let shape): shape.expectation
        }
    }

    /// Whether a node of this kind could be of this shape at all.
    func takes(_ node: YAMLNode) -> Bool {
        switch self {
        case .text, .words: node.scalar.map { !$0.isNothing } ?? false
        case .flag: node.scalar?.flag != nil
        case .integer, .number, .amount: node.scalar?.number != nil
        case .nothing: node.scalar?.isNothing ?? false
        case .list, .call: if case .list = node.content { true } else { false }
        case .record, .table, .schema, .part: if case .mapping = node.content { true } else { false }
        case .either(let shapes): shapes.contains { $0.takes(node) }
        case .json: true
        case .notYet(let shape): shape.takes(node)
        }
    }

    /// The alternative that a node means; the first where none fits.
    func alternative(for node: YAMLNode) -> Shape {
        switch self {
        case .either(let shapes): shapes.first { $0.takes(node) } ?? self
        case .text, .words, .flag, .integer, .number, .amount, .list, .record, .table, .json, .schema, .call, .nothing, .part, .notYet: self
        }
    }
}

extension Shape.Field {
    static func required(_ name: String, _ shape: Shape) -> Shape.Field { .init(name: name, shape: shape, isRequired: true) }

    static func optional(_ name: String, _ shape: Shape) -> Shape.Field { .init(name: name, shape: shape) }
}
