import KernelPlan
import Policy

/// What became of a rule, in words.
enum RuleChangeWords {
    static func words(_ change: RuleChange) -> String {
        switch change {
        case .added(let rule): "new; \(does(rule.effect)) \(tools(rule))\(isConditional(rule) ? ", under conditions" : "")"
        case .removed(let rule): "gone; it \(did(rule.effect)) \(tools(rule))"
        case .changed(let old, let new, let fields): changed(old, new, fields)
        }
    }

    /// What happens to a tool.
    static func state(_ effect: Effect) -> String {
        switch effect {
        case .allow: "allowed"
        case .ask: "held for a person"
        case .deny: "blocked"
        }
    }

    private static func changed(_ old: Rule, _ new: Rule, _ fields: [RuleField]) -> String {
        var words: [String] = []
        if fields.contains(.effect) { words.append("\(tools(new)) now \(state(new.effect)), was \(state(old.effect))") }
        if fields.contains(.tools) { words.append("it is about \(tools(new)), was about \(tools(old))") }
        let others = fields.filter { ![.effect, .tools].contains($0) }.map(\.rawValue)
        if !others.isEmpty { words.append("other \(Explanation.list(others))") }
        return words.joined(separator: "; ")
    }

    private static func does(_ effect: Effect) -> String {
        switch effect {
        case .allow: "allows"
        case .ask: "asks a person before"
        case .deny: "blocks"
        }
    }

    private static func did(_ effect: Effect) -> String {
        switch effect {
        case .allow: "allowed"
        case .ask: "asked a person before"
        case .deny: "blocked"
        }
    }

    private static func isConditional(_ rule: Rule) -> Bool { rule.arguments != nil || rule.when != nil }

    private static func tools(_ rule: Rule) -> String { Explanation.list(rule.tools.map { Escaping.quoted($0.text) }) }
}
