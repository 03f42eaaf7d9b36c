public import Policy

extension PolicyText {
    /// The tests of a document beside a policy, which holds `sandboxd-tests: 1` and `tests`; without variables.
    ///
    /// Errors: every reason found, in file order.
    public static func tests(of source: PolicySource) throws(Refusal) -> [PolicyTest] {
        let root = try checked(source) { VariableCheck.reasons(against: $0, variables: [], inputs: []) }
        return ClauseReader.tests(root["tests"])
    }

    /// The document without fault.
    fileprivate static func checked(_ source: PolicySource, _ more: (YAMLNode) -> [Reason]) throws(Refusal) -> YAMLNode {
        let result = YAMLReader.read(source)
        guard let root = result.root else { throw Refusal(result.firstReason(in: source)) }
        let reasons = result.reasons + Checker.check(root, as: .tests, at: .written).reasons + more(root)
        try Refusal.check(ReasonOrder.sorted(reasons, files: [source.name]))
        return root
    }
}

extension PolicyDraft {
    /// The tests of a document beside this policy, with the policy's variables and inputs.
    ///
    /// Errors: every reason found, in file order.
    public func tests(of source: PolicySource, with variables: PolicyVariables) throws(Refusal) -> [PolicyTest] {
        let root = try PolicyText.checked(source) { VariableCheck.reasons(against: $0, inputs: inputs) }
        var expansion = Expansion(variables, declared: inputs)
        let tree = expansion.expanded(root) ?? root
        let reasons = expansion.reasons + Checker.check(tree, as: .tests, at: .expanded).reasons
        try Refusal.check(ReasonOrder.sorted(reasons, files: [source.name]))
        return ClauseReader.tests(tree["tests"])
    }
}
