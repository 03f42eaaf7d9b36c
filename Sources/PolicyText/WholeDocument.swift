import Policy

/// What can only be said of a whole document: variables, names given twice.
enum WholeDocument {
    static func reasons(against root: YAMLNode, inputs: [DeclaredInput]) -> [Reason] {
        VariableCheck.reasons(against: root, inputs: inputs) + reasonsOfRuleNames(root) + reasonsOfEnvironment(root)
    }

    private static func reasonsOfRuleNames(_ root: YAMLNode) -> [Reason] {
        var first: [[UInt8]: Int] = [:]
        var reasons: [Reason] = []
        for (index, rule) in (root["tools"]?["rules"]?.items ?? []).enumerated() {
            let id = rule["id"]?.text ?? RuleNames.defaultName(index)
            let location = rule["id"]?.location ?? rule.location
            if let line = first[Array(id.utf8)] {
                reasons.append(Reason(.duplicateRule, at: location, ["id": id, "firstLine": "\(line)"]))
            } else {
                first[Array(id.utf8)] = location.line
            }
        }
        return reasons
    }

    /// One variable has one source.
    private static func reasonsOfEnvironment(_ root: YAMLNode) -> [Reason] {
        let environment = root["server"]?["env"]
        let passed = (environment?["pass"]?.items ?? []).map { (name: WrittenPath($0.text ?? "").path, location: $0.location) }
        let keyed = ["set", "secret"].flatMap { (environment?[$0]?.entries ?? []).map { (name: $0.key, location: $0.keyLocation) } }
        var first: [[UInt8]: Int] = [:]
        var reasons: [Reason] = []
        for (name, location) in passed + keyed {
            if let line = first[Array(name.utf8)] {
                reasons.append(Reason(.duplicateKey, at: location, ["key": name, "firstLine": "\(line)"]))
            } else {
                first[Array(name.utf8)] = location.line
            }
        }
        return reasons
    }
}

enum RuleNames {
    /// The name of a rule that is given none; `index` from 0.
    static func defaultName(_ index: Int) -> String { "rule-\(index + 1)" }
}
