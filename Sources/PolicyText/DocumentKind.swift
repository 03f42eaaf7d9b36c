/// What a document is.
enum DocumentKind: Sendable {
    case policy
    case layer
    /// Tests that stand beside a policy.
    case tests

    var grammar: Shape {
        switch self {
        case .policy: Grammar.policy
        case .layer: Grammar.layer
        case .tests: Grammar.tests
        }
    }
}
