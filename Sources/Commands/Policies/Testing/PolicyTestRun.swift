import Decision
import KernelPlan
import Policy
import PolicyText

/// What came of a policy's tests. Each is on its own: limits and budgets are those of a session that begins with it.
struct PolicyTestRun: Sendable, Hashable {
    /// How many there are.
    let count: Int
    /// Why some failed, or cannot be run, each at its place (R150, R151).
    let reasons: [Reason]

    /// `layers` decide calls with it; `untightened` is the policy as it was before they tightened it.
    init(
        _ tests: [PolicyTest], of resolved: ResolvedPolicy, layers: [Layer] = [], untightened: Policy? = nil, cwd: String
    ) throws(Refusal) {
        let rules = layers.map { LayeredRules.Layer(name: $0.name, tools: $0.clauses.tools) }
        var calls = try CallJudge(resolved.policy.tools, layers: rules, at: resolved.policy.location, cwd: cwd)
        let acts = ActJudge(resolved)
        let before = layers.isEmpty ? nil : untightened.map { ActJudge(ResolvedPolicy($0, launching: resolved.launch)) }
        var reasons: [Reason] = []
        for test in tests {
            switch test.subject {
            case .call(let tool, let arguments):
                let judged = calls.judge(tool: Array(tool.utf8), arguments: arguments.json)
                reasons += Self.failure(test, judged)
            case .act(let text):
                reasons += Self.failure(test, text, acts, before)
            }
        }
        count = tests.count
        self.reasons = reasons
    }

    /// Why tests of a policy fail: those in it and those beside it.
    static func reasons(of local: LocalPolicy) -> [Reason] {
        let tests = local.expanded.tests + local.tests
        let cwd = local.policy.server.cwd?.value ?? CallerEnvironment.workingDirectory ?? "/"
        do throws(Refusal) {
            return try PolicyTestRun(
                tests, of: ResolvedPolicy(local.policy, launching: local.launch), layers: local.layers, untightened: local.untightened,
                cwd: cwd
            ).reasons
        } catch {
            return error.reasons.all
        }
    }

    private static func failure(_ test: PolicyTest, _ judged: JudgedCall) -> [Reason] {
        guard !judged.word.utf8.elementsEqual(test.expected.utf8) else { return [] }
        let facts = ["subject": judged.tool, "expected": test.expected, "found": judged.word, "why": judged.text]
        return [Reason(.testFailed, at: test.location, facts)]
    }

    private static func failure(_ test: PolicyTest, _ text: String, _ acts: ActJudge, _ before: ActJudge?) -> [Reason] {
        let act: PolicyAct
        do { act = try PolicyAct(text) } catch {
            return [Reason(.badAct, at: test.location, ["act": text, "problem": error.rawValue])]
        }
        let found = acts.permits(act) ? "permitted" : "denied"
        guard !found.utf8.elementsEqual(test.expected.utf8) else { return [] }
        var facts = ["subject": text, "expected": test.expected, "found": found]
        if found == "denied", before?.permits(act) == true { facts["why"] = "the policy permits it, and a layer takes it away" }
        return [Reason(.testFailed, at: test.location, facts)]
    }
}
