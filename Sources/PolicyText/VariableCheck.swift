import Policy

/// Whether every `${…}` of a merged document names a variable and stands where one may.
struct VariableCheck {
    /// So that an absurd document does not take absurdly long.
    private static let mostSuggestions = 64

    private let names: [String]
    private let known: Set<[UInt8]>
    private(set) var reasons: [Reason] = []

    static func reasons(
        against root: YAMLNode, variables: [String] = PolicyVariables.names, inputs: [DeclaredInput]
    ) -> [Reason] {
        var check = VariableCheck(names: variables + inputs.map(\.name))
        for entry in root.entries { check.visitClause(entry) }
        for input in inputs { check.visitInput(input) }
        return check.reasons
    }

    private init(names: [String]) {
        self.names = names
        known = Set(names.map { Array($0.utf8) })
    }

    // MARK: Places

    /// A default is made of variables that always exist, not of other inputs.
    private mutating func visitInput(_ input: DeclaredInput) {
        let isBuiltIn = { (name: String) in PolicyVariables.names.contains { $0.utf8.elementsEqual(name.utf8) } }
        if isBuiltIn(input.name) {
            let facts = ["input": input.name, "problem": InputProblem.badName.rawValue]
            reasons.append(Reason(.badInput, at: input.location, facts))
        }
        judge(input.defaultValue ?? "", at: input.location) { isBuiltIn($0) ? nil : .circular }
    }

    private mutating func visitClause(_ entry: YAMLEntry) {
        switch entry.key {
        case "inputs": break
        // What a document is called, and what it is made of, is known before anything has a value.
        case "name", "description", "include", "applies_to": visit(entry.value) { _ in .misplaced }
        case "server": for inner in entry.value.entries { visitServer(inner) }
        default: visit(entry.value) { _ in nil }
        }
    }

    private mutating func visitServer(_ entry: YAMLEntry) {
        let isCommand = entry.key.utf8.elementsEqual("command".utf8)
        visit(entry.value) { isCommand && $0.utf8.elementsEqual("server".utf8) ? .circular : nil }
    }

    private mutating func visit(_ node: YAMLNode, isAct: Bool = false, _ problem: (String) -> VariableProblem?) {
        if let text = node.text { judge(text, isAct: isAct, at: node.location, problem) }
        for item in node.items { visit(item, problem) }
        for entry in node.entries { visit(entry.value, isAct: entry.key.utf8.elementsEqual("act".utf8), problem) }
    }

    /// `problem` says what is wrong with a known variable at this place.
    private mutating func judge(
        _ text: String, isAct: Bool = false, at location: SourceLocation, _ problem: (String) -> VariableProblem?
    ) {
        switch VariableReference.read(text, isAct: isAct) {
        case .none: break
        case .one(let reference):
            guard isKnown(reference.name) else { return note(.unknown, reference.name, at: location) }
            if let found = problem(reference.name) { note(found, reference.name, at: location) }
        case .wrong(let found, let name): note(found == .malformed || isKnown(name) ? found : .unknown, name, at: location)
        }
    }

    private func isKnown(_ name: String) -> Bool { known.contains(Array(name.utf8)) }

    private mutating func note(_ problem: VariableProblem, _ name: String, at location: SourceLocation) {
        var facts = ["variable": name, "problem": problem.rawValue]
        if problem == .unknown, reasons.count < Self.mostSuggestions { facts["near"] = Nearness.nearest(to: name, among: names) }
        reasons.append(Reason(.badVariable, at: location, facts))
    }
}
