import Decision
import Policy

/// Rules held against what `Decision` compiles, where the grammar alone cannot tell: numbers that programs read differently, hosts, budgets.
enum RuleCheck {
    /// So that an absurd document does not take absurdly long.
    private static let mostReasons = 16

    /// Every reason against the rules of a tree in which the grammar finds no fault: what is refused is taken out, and the rest is tried
    /// again. Schemas are the grammar's matter, and are left out.
    static func reasons(against root: YAMLNode) -> [Reason] {
        let nodes = root["tools"]?["rules"]?.items ?? []
        var clause = ClauseReader.tools(root["tools"])
        for index in clause.rules.indices { clause.rules[index].arguments = nil }
        var reasons: [Reason] = []
        while reasons.count < mostReasons, let found = problem(of: clause) {
            let isRule = { (rule: Rule) in rule.id.utf8.elementsEqual(found.rule.utf8) }
            guard let index = clause.rules.firstIndex(where: isRule), nodes.indices.contains(index) else { break }
            guard let reason = reason(found, nodes[index]) else { break }
            reasons.append(reason)
            remove(found.problem, from: &clause.rules[index])
        }
        return reasons
    }

    private static func problem(of clause: ToolsClause) -> RuleSetProblem? {
        do { _ = try LayeredRules(policy: clause, cwd: "/") } catch { return error }
        return nil
    }

    private static func reason(_ found: RuleSetProblem, _ node: YAMLNode) -> Reason? {
        switch found.problem {
        case .schema, .badLimit: nil
        case .condition(let problem):
            Reason(.badCondition, at: node["when"]?.location ?? node.location, facts(problem, rule: found.rule))
        case .badBudgetLimit(let budget):
            Reason(.badBudget, at: node["budget"]?.location ?? node.location, ["rule": found.rule, "budget": budget, "problem": "limit"])
        case .conflictingBudget(let budget):
            Reason(
                .badBudget, at: node["budget"]?.location ?? node.location, ["rule": found.rule, "budget": budget, "problem": "conflict"])
        case .redactsEverything: Reason(.redactsEverything, at: node["redact"]?.location ?? node.location, ["rule": found.rule])
        }
    }

    private static func facts(_ problem: ConditionProblem, rule: String) -> [String: String] {
        var facts = ["rule": rule]
        facts["argument"] = problem.argument?.text
        switch problem.kind {
        case .empty: facts["problem"] = "empty"
        case .notJSON: facts["problem"] = "notJSON"
        case .notNumber(let value): (facts["problem"], facts["value"]) = ("notNumber", value)
        case .inexactNumber(let value): (facts["problem"], facts["value"]) = ("inexactNumber", value)
        case .badPattern(let value, _): (facts["problem"], facts["value"]) = ("badPattern", value)
        case .badPath(let value): (facts["problem"], facts["value"]) = ("badPath", value)
        case .badHost(let value): (facts["problem"], facts["value"]) = ("badHost", value)
        case .tooDeep: facts["problem"] = "tooDeep"
        }
        return facts
    }

    private static func remove(_ problem: RuleSetProblem.Problem, from rule: inout Rule) {
        switch problem {
        case .schema: rule.arguments = nil
        case .condition: rule.when = nil
        case .badBudgetLimit, .conflictingBudget: rule.budget = nil
        case .redactsEverything: rule.redact = []
        case .badLimit: rule.limit = nil
        }
    }
}
