public import Policy
public import StrictJSON

/// The rules of a policy and of the layers over it. Each document decides on its own; the most restrictive decision wins, so that a layer
/// can only tighten. What all of them add is united, those that do not block included.
public struct LayeredRules: Sendable {
    /// The tools section of a layer, or of another version of the policy.
    public struct Layer: Sendable, Hashable {
        /// `nil`: it is a policy's, by which is denied what none of its rules allows.
        public let name: String?
        public let tools: ToolsClause

        public init(name: String?, tools: ToolsClause) {
            self.name = name
            self.tools = tools
        }
    }

    private let policy: RuleSet
    /// Sorted by name, so that their order does not matter; of one name the older first.
    private var layers: [(name: [UInt8], rules: RuleSet)] = []
    private var slots: AllowanceSlots
    private let cwd: String?

    /// Compiles all rules. `cwd`: `server.cwd`, or the directory that the server is started in; absolute.
    public init(policy: ToolsClause, layers: [Layer] = [], cwd: String? = nil) throws(RuleSetProblem) {
        var slots = AllowanceSlots()
        self.policy = try RuleSet(policy, layer: nil, cwd: cwd, slots: &slots)
        self.slots = slots
        self.cwd = cwd
        try add(layers)
    }

    /// These rules, and beside them further documents that decide as well: a session that runs is held to more, and never to less. What calls
    /// have spent stays spent, and what the new documents have of limits and budgets is theirs alone.
    public func tightened(by documents: [Layer]) throws(RuleSetProblem) -> LayeredRules {
        var rules = self
        rules.slots.beginAnew()
        try rules.add(documents)
        return rules
    }

    private mutating func add(_ documents: [Layer]) throws(RuleSetProblem) {
        for layer in documents {
            let name = Array((layer.name ?? "").utf8)
            let rules = try RuleSet(layer.tools, layer: layer.name, cwd: cwd, slots: &slots)
            let place = layers.firstIndex { name.lexicographicallyPrecedes($0.name) } ?? layers.endIndex
            layers.insert((name, rules), at: place)
        }
    }

    /// What to do with a call of the tool `name` (its decoded bytes). `arguments` is an object of the tape, or nil when the call has none,
    /// which counts as an empty one. Named is the document that decided: of several the policy, else the first layer by name.
    public func judge(_ name: [UInt8], arguments: JSONNode?, in tape: borrowing JSONTape) -> Judgement {
        let first = policy.judge(name, arguments: arguments, in: tape) ?? Judgement(.deny, by: .default)
        guard !layers.isEmpty else { return first }
        var all = [first]
        for layer in layers {
            if let judgement = layer.rules.judge(name, arguments: arguments, in: tape) { all.append(judgement) }
        }
        return Self.strictest(all)
    }

    private static func strictest(_ all: [Judgement]) -> Judgement {
        let winner = all.dropFirst().reduce(all[0]) { $1.effect.rank > $0.effect.rank ? $1 : $0 }
        // What blocks is not forwarded: only what other documents that block add still means something.
        let adding = winner.effect == .deny ? all.filter { $0.effect == .deny } : all
        return Judgement(winner.effect, by: winner.by, why: winner.why, additions: .united(adding.compactMap(\.additions)))
    }

    /// What may become of a call of the tool `name` (its decoded bytes) whose arguments nobody knows.
    public func possibleJudgements(_ name: [UInt8]) -> PossibleJudgements {
        layers.reduce(policy.possibleJudgements(name)) { $0.tightened(by: $1.rules.possibleJudgements(name)) }
    }

    /// Whether some call of the tool `name` may be more than blocked: only then it is listed.
    public func mayBeCalled(_ name: [UInt8]) -> Bool { policy.mayBeCalled(name) && layers.allSatisfy { $0.rules.mayBeCalled(name) } }

    /// The changes that mask whatever any rule that names the tool masks, be it of the policy or of a layer, and whether it applies or not: what
    /// none of them lets a server see is not to be kept.
    ///
    /// Errors: `.ambiguousRedaction`, as for what is forwarded.
    public func redactions(of name: [UInt8], in arguments: JSONNode?, _ tape: borrowing JSONTape) throws(BlockReason) -> [JSONEdit] {
        var edits: [JSONEdit] = []
        for set in [policy] + layers.map(\.rules) {
            for rule in set.rulesNaming(name) { edits += try rule.additions?.redactions(in: arguments, tape) ?? [] }
        }
        return edits
    }

    /// What came of each rule that names the tool: those of the policy in file order, then those of the layers.
    public func accounts(_ name: [UInt8], arguments: JSONNode?, in tape: borrowing JSONTape) -> [RuleAccount] {
        var accounts: [RuleAccount] = []
        for set in [policy] + layers.map(\.rules) {
            for rule in set.rulesNaming(name) { accounts.append(RuleAccount(rule, arguments, tape)) }
        }
        return accounts
    }
}
