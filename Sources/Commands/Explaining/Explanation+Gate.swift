import Policy

/// What the gate alone decides: it reads every message, and the kernel knows nothing of them.
extension Explanation {
    var tools: Section {
        var section = Section(title: "tools")
        for rule in policy.tools.rules { add(rule, to: &section) }
        section.permit(defaultWords)
        section.hold("the gate alone; the kernel cannot tell one call from another, and holds the server to the clauses below in each")
        section.note("pins: none until they are enforced; a server may change what a tool says of itself")
        return section
    }

    private func add(_ rule: Rule, to section: inout Section) {
        let tools = Self.list(rule.tools.map { Escaping.quoted($0.text) })
        let condition = rule.arguments == nil ? "" : ", when the arguments fit the rule's schema"
        let verb =
            switch rule.effect {
            case .allow: "may be called"
            case .ask: "wait for a person"
            case .deny: "are blocked"
            }
        section.permit("\(Escaping.quoted(rule.id)): \(tools) \(verb)\(condition)")
        if let reason = rule.reason { section.note("the model is told: \(Escaping.line(reason))") }
    }

    private var defaultWords: String {
        let others = policy.tools.rules.isEmpty ? "every tool" : "every other tool"
        return switch policy.tools.default ?? .deny {
        case .allow: "\(others) may be called"
        case .ask: "\(others) waits for a person"
        case .deny: "\(others) is blocked"
        }
    }

    var messages: Section {
        var section = Section(title: "messages")
        section.permit("resources, prompts, sampling, elicitation and roots: blocked")
        section.hold("the gate alone")
        return section
    }

    var evidence: Section {
        var section = Section(title: "evidence")
        section.permit("a receipt of every decision is written before its message is forwarded, and outlives every process")
        section.permit("arguments are kept as commitments, not as text; receipts are kept for ever")
        section.hold("the gate and sandboxd; a call without a receipt is blocked")
        return section
    }
}
