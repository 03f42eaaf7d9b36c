/// Why rules cannot be compiled.
public struct RuleSetProblem: Error, Sendable, Hashable {
    public enum Problem: Sendable, Hashable {
        /// The `arguments`.
        case schema(SchemaProblem)
        /// The `when`.
        case condition(ConditionProblem)
        /// `redact` of the whole arguments.
        case redactsEverything
        /// The budget's `limit` is no number, negative, or no number that is compared exactly.
        case badBudgetLimit(String)
        /// Two rules of one document give the budget different `limit` or `per`.
        case conflictingBudget(String)
        /// A limit of less than one call.
        case badLimit
    }

    /// The rule's id.
    public let rule: String
    public let problem: Problem

    public init(rule: String, problem: Problem) {
        self.rule = rule
        self.problem = problem
    }
}
