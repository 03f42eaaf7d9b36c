import Policy

/// Whether every `${…}` of a merged document names a variable and stands where one may.
struct VariableCheck {
    private let names: [String]
    private let known: Set<[UInt8]>
    private(set) var reasons: [Reason] = []

    static func reasons(against root: YAMLNode, inputs: [DeclaredInput]) -> [Reason] {
        var check = VariableCheck(names: PolicyVariables.names + inputs.map(\.name))
        for entry in root.entries where !entry.key.utf8.elementsEqual("inputs".utf8) { check.visit(entry.value) }
        check.reasons += inputs.flatMap(Self.reasons(against:))
        return check.reasons
    }

    private init(names: [String]) {
        self.names = names
        known = Set(names.map { Array($0.utf8) })
    }

    /// A default is made of variables that always exist, not of other inputs.
    private static func reasons(against input: DeclaredInput) -> [Reason] {
        let isTaken = PolicyVariables.names.contains { $0.utf8.elementsEqual(input.name.utf8) }
        var reasons: [Reason] = []
        if isTaken {
            reasons.append(Reason(.badInput, at: input.location, ["input": input.name, "problem": InputProblem.badName.rawValue]))
        }
        var check = VariableCheck(names: PolicyVariables.names)
        check.judge(input.defaultValue ?? "", at: input.location)
        return reasons + check.reasons
    }

    private mutating func visit(_ node: YAMLNode) {
        if let text = node.text { judge(text, at: node.location) }
        for item in node.items { visit(item) }
        for entry in node.entries { visit(entry.value) }
    }

    private mutating func judge(_ text: String, at location: SourceLocation) {
        switch VariableReference.read(text) {
        case .none: break
        case .one(let reference): if !isKnown(reference.name) { note(.unknown, reference.name, at: location) }
        case .wrong(let problem, let name): note(name.isEmpty || isKnown(name) ? problem : .unknown, name, at: location)
        }
    }

    private func isKnown(_ name: String) -> Bool { known.contains(Array(name.utf8)) }

    private mutating func note(_ problem: VariableProblem, _ name: String, at location: SourceLocation) {
        var facts = ["variable": name, "problem": problem.rawValue]
        if problem == .unknown { facts["near"] = Nearness.nearest(to: name, among: names) }
        reasons.append(Reason(.badVariable, at: location, facts))
    }
}
