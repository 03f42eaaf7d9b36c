import KernelPlan
import Policy

/// What the gate alone decides: it reads every message, and the kernel knows nothing of them.
extension Explanation {
    var tools: Section {
        var section = Section(title: "tools")
        for rule in policy.tools.rules { add(rule, to: &section) }
        section.permit(defaultWords)
        for layer in tightenings.layers { add(layer, to: &section) }
        section.hold("the gate alone; the kernel cannot tell one call from another, and holds the server to the clauses below in each")
        if policy.tools.rules.count > 1 { section.note("deny beats ask beats allow, whatever the order of the rules") }
        section.note(
            "a call may be made as a task, where client and server know them: who may call may ask after it, end it and have its result; "
                + "tasks of other sessions are not shown")
        section.note(pins)
        return section
    }

    /// A layer decides on its own; the most restrictive decision wins.
    private func add(_ layer: Layer, to section: inout Section) {
        let tools = layer.clauses.tools
        guard !tools.rules.isEmpty || tools.default != nil else { return }
        let name = "layer \(Escaping.quoted(layer.name))"
        for rule in tools.rules { add(rule, prefix: name + ", ", to: &section) }
        let others = tools.rules.isEmpty ? "every tool" : "every other tool"
        switch tools.default {
        case .deny?: section.permit("\(name): \(others) is blocked")
        case .ask?: section.permit("\(name): \(others) waits for a person")
        case .allow?, nil: section.note("\(name) takes nothing from \(others)")
        }
        section.note("\(name) only tightens: a call is forwarded where policy and layers all allow it")
    }

    private func add(_ rule: Rule, prefix: String = "", to section: inout Section) {
        section.permit(
            prefix
                + "\(Escaping.quoted(rule.id)): \(Self.list(rule.tools.map { Escaping.quoted($0.text) })) \(verb(rule))\(conditions(rule))")
        if let reason = rule.reason { section.note("the model is told: \(Escaping.line(reason))") }
        if let limit = rule.limit {
            section.note(
                "at most \(limit.calls) \(limit.calls == 1 ? "call" : "calls") per \(limit.per.rawValue); further ones are blocked")
        }
        if let budget = rule.budget { section.note(words(budget)) }
        if !rule.redact.isEmpty {
            section.note("masked before the server sees it: \(Self.list(rule.redact.map { Escaping.quoted($0.text) }))")
        }
        if !rule.labels.isEmpty {
            section.note("receipts bear \(Self.list(rule.labels.map { "\(Escaping.line($0.name)): \(Escaping.line($0.value))" }))")
        }
        for line in Backing(policy, launch).lines(rule) { section.note(line) }
    }

    private func verb(_ rule: Rule) -> String {
        switch rule.effect {
        case .allow: "may be called"
        case .ask: "wait for a person"
        case .deny: rule.isHidden ? "are blocked, and answer as if they did not exist" : "are blocked"
        }
    }

    private func conditions(_ rule: Rule) -> String {
        let schema = rule.arguments == nil ? nil : "the arguments fit the rule's schema"
        let parts = [schema, rule.when.map { ConditionWords.words($0) }].compactMap(\.self)
        guard !parts.isEmpty else { return "" }
        let unknown = rule.effect == .allow ? "" : ", or where that cannot be told"
        return ", when " + parts.joined(separator: " and ") + unknown
    }

    private func words(_ budget: Budget) -> String {
        let limit = Escaping.line(String(decoding: budget.limit.json, as: UTF8.self))
        let what = "\(Escaping.quoted(budget.of.text)) is charged to the budget \(Escaping.quoted(budget.name)): \(limit) in all per "
        switch budget.per {
        case .session: return what + "session"
        case .day:
            return what
                + "day (UTC), shared by all of the user's sessions under this policy's name; what a call took is spent once it is forwarded, "
                + "whatever the server answers"
        }
    }

    private var pins: String {
        switch policy.tools.pins?.value {
        case nil, .firstSeen?:
            "pins: first-seen: a tool is held to what the server said of it when it was first seen under this policy's and server's name; "
                + "one that changes is not shown, and its calls are blocked, until `sandboxctl pins` accepts it"
        case .required?: "pins: required: only tools whose definitions were accepted with `sandboxctl pins` are shown and may be called"
        }
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
        let clause = policy.messages
        section.permit("resources: \(words(clause.resources, "may be read"))")
        section.permit("prompts: \(words(clause.prompts, "may be used"))")
        section.permit("sampling: \(words(clause.sampling, "the server may ask the client's model"))")
        section.permit("elicitation: \(words(clause.elicitation, "the server may ask the user"))")
        section.permit("roots: \(words(clause.roots, "the server may ask which directories the client works in"))")
        for layer in tightenings.layers { add(messagesOf: layer, to: &section) }
        section.hold("the gate alone; neither side is told that the other could do what is blocked")
        if case .patterns? = clause.resources?.value {
            section.note("a resource is what its URI denotes, `..` and percent-encoding resolved; no link of a file system is followed")
        }
        if (clause.elicitation?.value ?? .deny) != .deny {
            section.note("what a person answers goes to the server; the gate looks at its form, not at what it says")
        }
        section.note("what carries data beside these messages, `_meta`, icons and the like, is passed, stripped or refused as README says")
        return section
    }

    /// A layer only tightens; what it does not name it says nothing of.
    private func add(messagesOf layer: Layer, to section: inout Section) {
        let clause = layer.clauses.messages, name = "layer \(Escaping.quoted(layer.name))"
        if clause.resources != nil { section.permit("\(name): resources: \(words(clause.resources, "may be read"))") }
        if clause.prompts != nil { section.permit("\(name): prompts: \(words(clause.prompts, "may be used"))") }
        for (kind, effect) in [("sampling", clause.sampling), ("elicitation", clause.elicitation), ("roots", clause.roots)] {
            guard let effect, effect.value != .allow else { continue }
            section.permit("\(name): \(kind): \(effect.value == .ask ? "only what a person permits, each time" : "blocked")")
        }
    }

    private func words(_ grant: Located<PatternGrant>?, _ verb: String) -> String {
        guard case .patterns(let patterns)? = grant?.value else { return "blocked" }
        return "\(Self.list(patterns.map { Escaping.quoted($0.text) })) \(verb); others are blocked"
    }

    private func words(_ effect: Located<Effect>?, _ meaning: String) -> String {
        switch effect?.value ?? .deny {
        case .allow: meaning
        case .ask: "\(meaning), once a person permits it, each time"
        case .deny: "blocked"
        }
    }

    var evidence: Section {
        var section = Section(title: "evidence")
        let clause = policy.evidence
        let isOnDisk = clause.durability?.value == .disk
        if isOnDisk {
            section.permit(
                "a receipt of every decision is on the disk before its message is forwarded: it outlives a failure of the host's power")
            section.note(
                "what came of a call is written before its result is passed on, and is on the disk with the next decision, or the log's next checkpoint (10 s)"
            )
            section.note("as far as the disk keeps what it says that it has")
        } else {
            section.permit("a receipt of every decision is written before its message is forwarded, and outlives every process")
            section.note("it may not outlive a failure of the host's power: `durability: disk` does")
        }
        switch clause.arguments?.value ?? .commitment {
        case .commitment: section.permit("arguments are kept as commitments, not as text")
        case .full:
            section.permit("arguments are kept as text")
            section.note("whatever is in them, secrets too, stays beside the log; what rules mask is masked there, too")
            section.note("`sandboxctl receipts erase` drops what is kept of one message; the receipts stay, and still verify")
        }
        section.permit("what the kernel denies is recorded for \(Self.list(plan.observedDenials))")
        section.note("absent for \(Self.list(plan.unobservedDenials)): there a denial leaves no receipt")
        section.permit("receipts are kept \(words(clause.keep?.value ?? .forever))")
        if case .seconds? = clause.keep?.value {
            section.note(
                "they go by the day, and with the last session of their segment of the log: one that is kept longer keeps the others there")
            section.note("their age is told by the host's clock; what belongs to no session stays, and the rest of the log still verifies")
        }
        section.hold("the gate and sandboxd; a call without a receipt is blocked")
        return section
    }

    private func words(_ keep: EvidenceClause.Retention) -> String {
        switch keep {
        case .forever: "for ever"
        case .seconds(let seconds): "for \(Self.duration(seconds))"
        }
    }

    /// Only where somebody may be asked.
    var approvals: Section? {
        let layers = tightenings.layers.map(\.clauses)
        let asksAboutMessages = policy.messages.asks || layers.contains { $0.messages.asks }
        guard asksAboutMessages || policy.tools.asks || layers.contains(where: { $0.tools.asks }) || policy.approvals.by != nil else {
            return nil
        }
        var section = Section(title: "approvals")
        let by = policy.approvals.by.map { Self.list($0.map { Self.words($0.value) }) }
        section.permit("by: \(by ?? "you, without a daemon; else the group `sandboxd-approvers`")")
        section.permit("a call waits for \(Self.duration(policy.approvals.wait?.value ?? 45))")
        section.permit(
            "an approval is good for one call of the same arguments, within \(Self.duration(policy.approvals.within?.value ?? 900))")
        section.note(
            "a call that was answered meanwhile has an approval id; who approves that permits the next call of the same tool and arguments")
        if asksAboutMessages {
            section.note(
                "what the server asks the client for waits in the same way, and is bound in the same way to its kind and parameters; of "
                    + "elicitation nobody is asked in the client's window, and in 2026-07-28 of none of them")
        }
        if policy.approvals.by?.contains(where: { $0.value == .caller }) ?? true {
            section.note("a client that takes forms asks whoever runs it in its own window")
        }
        section.hold("the gate and sandboxd")
        return section
    }

    private static func words(_ approver: ApprovalsClause.Approver) -> String {
        switch approver {
        case .caller: "whoever runs the session"
        case .group(let name): "the group \(Escaping.quoted(name))"
        case .user(let name): "the user \(Escaping.quoted(name))"
        }
    }

    static func duration(_ seconds: Int) -> String {
        let units = [(86_400, "day"), (3_600, "hour"), (60, "minute")]
        guard let unit = units.first(where: { seconds >= $0.0 && seconds % $0.0 == 0 }) else { return "\(seconds) seconds" }
        return "\(seconds / unit.0) \(unit.1)\(seconds == unit.0 ? "" : "s")"
    }
}
