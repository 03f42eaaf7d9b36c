import Decision
import KernelPlan
import Policy
import PolicyText
import StrictJSON

/// What a policy lacks of what was seen: the lines to add.
struct PolicyGap {
    private let policy: String
    private let missing: LearnedPolicy
    /// Calls that a rule of the policy denies: another rule changes nothing.
    private let deniedByRule: [(tool: String, rule: String)]
    private let ids: Set<String>

    init(
        _ sightings: Sightings, policy name: String, _ invocation: Invocation, place: LearnedPolicy.Place,
        starting start: LocalPolicy.Start? = nil
    ) throws(LearnFailure) {
        policy = name
        let environment = CallerEnvironment.current()
        var texts: PolicyTexts?
        let judged: JudgedPolicy
        let rules: LayeredRules
        let local: LocalPolicy?
        do throws(CompiledPolicy.Failure) {
            let inputs = try CompiledPolicy.inputs(invocation)
            do throws(Refusal) {
                let found = try PolicyTexts(name, finder: PolicyFinder(environment), layers: LayerChoice(invocation))
                texts = found
                judged = try JudgedPolicy(found, inputs: inputs, environment)
                rules = try CallJudge.compiled(judged.expanded.tools, layers: judged.layers, at: judged.expanded.location, cwd: judged.cwd)
                // Acts are judged only where there are some: a log may be of another host, where the policy's paths are.
                local =
                    sightings.acts.isEmpty && sightings.denied.isEmpty
                    ? nil : try LocalPolicy(found, inputs: inputs, environment, starting: start)
            } catch {
                throw .refused(error, texts)
            }
        } catch {
            throw .policy(error)
        }
        var denied: [(String, String)] = []
        var sightings = sightings
        let acts = local.map { ActJudge(ResolvedPolicy($0.policy, launching: $0.launch)) }
        sightings.keep(
            tools: { tool, seen in
                switch Self.state(tool, seen, rules) {
                case .passes: return false
                case .lacks: return true
                case .denied(let rule):
                    denied.append((tool, DecisionWords.document(rule)))
                    return false
                }
            },
            acts: { act in acts.map { !$0.permits(act) } ?? true })
        let messages = judged.messages
        sightings.keep(
            prompts: { messages.judge(.prompt(Array($0.utf8))).effect == .deny },
            resources: { messages.judge(.resource(Array($0.utf8))).effect == .deny },
            messages: { messages.judge(anyOf: $0).effect == .deny })
        missing = LearnedPolicy(sightings: sightings, place: place)
        deniedByRule = denied.sorted { $0.0 < $1.0 }
        ids = Set(judged.expanded.tools.rules.map(\.id))
    }

    private enum State {
        case passes, lacks
        case denied(RuleID)
    }

    /// By what no arguments change; where the policy lets some pass, nothing is lacking that could be told.
    private static func state(_ tool: String, _ seen: Sightings.Tool, _ rules: LayeredRules) -> State {
        let possible = rules.possibleJudgements(Array(tool.utf8))
        guard possible.effects == [.deny] else { return .passes }
        if let by = possible.sure?.by, by.name != nil { return .denied(by) }
        return .lacks
    }

    var isEmpty: Bool {
        let seen = missing.sightings
        return deniedByRule.isEmpty && seen.tools.isEmpty && seen.acts.isEmpty && seen.denied.isEmpty && seen.prompts.isEmpty
            && seen.resources.isEmpty && seen.messages.isEmpty
    }

    /// Lines to add behind a `+`, below the keys where they belong.
    func text(_ style: Style) -> String {
        guard !isEmpty else { return "\(Escaping.quoted(policy)) permits all that was seen\n" }
        var yaml = YAMLText()
        if !missing.sightings.tools.isEmpty {
            yaml.add(0, "tools:")
            yaml.add(2, "rules:")
            for (tool, seen) in missing.sightings.tools.sorted(by: { $0.key < $1.key }) {
                LearnedPolicy.write(tool, seen, id: freeID(tool), 4, &yaml)
            }
        }
        missing.writeKernelClauses(&yaml)
        let added = yaml.lines.map { line in
            Self.isKey(line) ? "  \(line)\n" : style(.good, "+ \(line)") + "\n"
        }
        let head = "what \(Escaping.quoted(policy)) lacks of what was seen:\n"
        let rest = deniedByRule.map { "  `\($0.tool)` is denied by \($0.rule): no line that is added lets it pass\n" }
        return head + added.joined() + rest.joined()
    }

    /// `files:` and the like stand there perhaps already.
    private static func isKey(_ line: String) -> Bool { line.last == ":" && line.first != "#" && !line.contains("- ") }

    private func freeID(_ tool: String) -> String {
        var id = tool
        var number = 2
        while ids.contains(id) {
            id = "\(tool)-\(number)"
            number += 1
        }
        return id
    }
}
