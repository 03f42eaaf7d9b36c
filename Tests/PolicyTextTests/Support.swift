import Policy
import PolicyText

/// A document of tests.
func source(_ text: String, name: String = "p.yaml") -> PolicySource { PolicySource(name: name, bytes: Array(text.utf8)) }

/// The reasons against a document, `[]` where there are none: what its text says, then what its values make of it.
func reasons(_ text: String, includes: [String: String] = [:], accepting acceptance: Acceptance = .enforced) -> [Reason] {
    do {
        _ = try expanded(text, includes: includes, accepting: acceptance)
        return []
    } catch { return error.reasons.all }
}

/// `R107 3:5+4`, with the facts where they are asked for.
func brief(_ reason: Reason, facts: [String] = []) -> String {
    let place = reason.location.map { " \($0.line):\($0.column)+\($0.length)" } ?? ""
    let facts = facts.compactMap { name in reason.facts[name].map { " \(name)=\($0)" } }
    return reason.code.rawValue + place + facts.joined()
}

let variables = PolicyVariables(home: "/home/ann", cwd: "/home/ann/notes", runtime: "/run/user/1000", server: "/opt/venv/bin")

func expanded(
    _ text: String, _ variables: PolicyVariables = variables, includes: [String: String] = [:], accepting acceptance: Acceptance = .enforced
) throws(Refusal) -> ExpandedPolicy {
    let includes = Dictionary(uniqueKeysWithValues: includes.map { ($0.key, source($0.value, name: $0.key)) })
    return try PolicyText.parse(source(text), includes: includes, accepting: acceptance).expanded(with: variables)
}

func expandingReasons(_ text: String, _ variables: PolicyVariables = variables) -> [Reason] {
    do {
        _ = try expanded(text, variables)
        return []
    } catch { return error.reasons.all }
}
