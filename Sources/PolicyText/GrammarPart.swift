/// Parts of the grammar that are named: because they contain themselves, or because some of their keys do not go together.
enum GrammarPart: Sendable {
    case condition
    case operators
    case test

    var shape: Shape {
        switch self {
        case .condition: Grammar.condition
        case .operators: .record(Grammar.operators)
        case .test: Grammar.test
        }
    }
}
