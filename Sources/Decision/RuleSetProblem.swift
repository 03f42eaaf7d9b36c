/// Why rules cannot be compiled.
public struct RuleSetProblem: Error, Sendable, Hashable {
    /// The rule's id.
    public let rule: String
    public let problem: SchemaProblem

    public init(rule: String, problem: SchemaProblem) {
        self.rule = rule
        self.problem = problem
    }
}
