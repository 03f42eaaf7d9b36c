import Policy

/// Keys of one mapping that do not go together.
extension Checker {
    private static let forms = ["all", "any", "not", "argument"]

    mutating func checkTogether(_ node: YAMLNode, _ part: GrammarPart, _ place: String) {
        switch part {
        case .condition: checkCondition(node, place)
        case .operators:
            if operators(of: node).isEmpty { note(.noOperator, at: node.location, place) }
        case .test: checkTest(node, place)
        }
    }

    private func operators(of node: YAMLNode) -> [YAMLEntry] {
        node.entries.filter { entry in Grammar.operators.contains { $0.name.utf8.elementsEqual(entry.key.utf8) } }
    }

    private func forms(of node: YAMLNode) -> [YAMLEntry] {
        node.entries.filter { entry in Self.forms.contains { $0.utf8.elementsEqual(entry.key.utf8) } }
    }

    /// One of `all`, `any` and `not`; or `argument` and what is asked of it.
    private mutating func checkCondition(_ node: YAMLNode, _ place: String) {
        let forms = forms(of: node), operators = operators(of: node)
        guard let form = forms.first else { return note(.noForm, at: operators.first?.keyLocation ?? node.location, place) }
        for other in forms.dropFirst() { note(.severalForms, at: other.keyLocation, place, key: other.key) }
        let isArgument = node["argument"] != nil
        if isArgument, forms.count == 1, operators.isEmpty { note(.noOperator, at: form.keyLocation, place) }
        if !isArgument, let first = operators.first { note(.operatorWithoutArgument, at: first.keyLocation, place, key: first.key) }
    }

    private mutating func checkTest(_ node: YAMLNode, _ place: String) {
        let call = node.entries.first { $0.key == "call" }, act = node.entries.first { $0.key == "act" }
        if let act, call != nil { return note(.callAndAct, at: act.keyLocation, place, key: "act") }
        guard call != nil || act != nil else { return note(.neitherCallNorAct, at: node.location, place) }
        guard let expected = node["expect"] else { return }
        check(expected, call == nil ? Grammar.expectedOfActs : Grammar.expectedOfCalls, "\(place).expect")
    }

    private mutating func note(_ problem: CombinationProblem, at location: SourceLocation, _ place: String, key: String? = nil) {
        var facts = ["problem": problem.rawValue]
        facts["key"] = key
        note(.badCombination, at: location, place, facts)
    }
}
