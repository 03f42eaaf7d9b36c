import Policy
import StrictJSON

/// Compiles the rules of one document.
struct RuleCompiler {
    let layer: String?
    let cwd: String?
    var slots: AllowanceSlots

    mutating func compile(_ rule: Rule) throws(RuleSetProblem) -> CompiledRule {
        let id = RuleID.rule(rule.id, layer: layer)
        return CompiledRule(
            id: id, effect: rule.effect, schema: try schema(rule), when: try condition(rule), why: rule.reason,
            additions: try additions(rule, id))
    }

    private func schema(_ rule: Rule) throws(RuleSetProblem) -> Schema? {
        guard let arguments = rule.arguments else { return nil }
        do { return try Schema(arguments) } catch { throw RuleSetProblem(rule: rule.id, problem: .schema(error)) }
    }

    private func condition(_ rule: Rule) throws(RuleSetProblem) -> CompiledCondition? {
        guard let when = rule.when else { return nil }
        do { return try CompiledCondition(when, cwd: cwd) } catch { throw RuleSetProblem(rule: rule.id, problem: .condition(error)) }
    }

    private mutating func additions(_ rule: Rule, _ id: RuleID) throws(RuleSetProblem) -> Additions? {
        guard rule.redact.allSatisfy({ !$0.segments.isEmpty }) else { throw RuleSetProblem(rule: rule.id, problem: .redactsEverything) }
        let additions = Additions(
            redact: rule.redact, limits: try limit(rule, id), charges: try charge(rule, id), labels: rule.labels, isHidden: rule.isHidden)
        return additions.isEmpty ? nil : additions
    }

    private mutating func limit(_ rule: Rule, _ id: RuleID) throws(RuleSetProblem) -> [Additions.Limit] {
        guard let limit = rule.limit else { return [] }
        guard limit.calls >= 1 else { throw RuleSetProblem(rule: rule.id, problem: .badLimit) }
        return [Additions.Limit(rule: id, limit: limit, slot: slots.limit())]
    }

    private mutating func charge(_ rule: Rule, _ id: RuleID) throws(RuleSetProblem) -> [Additions.Charge] {
        guard let budget = rule.budget else { return [] }
        guard let number = ExactNumber(budget.limit), !number.decimal.isNegative else {
            throw RuleSetProblem(rule: rule.id, problem: .badBudgetLimit(budget.name))
        }
        guard let slot = slots.budget(budget.name, in: layer, limit: number.decimal, per: budget.per) else {
            throw RuleSetProblem(rule: rule.id, problem: .conflictingBudget(budget.name))
        }
        return [Additions.Charge(rule: id, name: budget.name, of: budget.of, limit: number.decimal, per: budget.per, slot: slot)]
    }
}
