public import Policy

/// A layer whose text is without fault and whose variables have no values yet.
public struct LayerDraft: Sendable {
    let root: YAMLNode
    private let source: String
    private let acceptance: Acceptance

    /// The layer's name; that of its document where it gives none.
    public var name: String { root["name"]?.text ?? DocumentName.of(source) }

    /// Where it says its name, or begins.
    public var nameLocation: SourceLocation { root["name"]?.location ?? root.location }

    /// Which sessions it is about.
    public var appliesTo: Layer.AppliesTo { ClauseReader.appliesTo(root["applies_to"]) }

    /// `server.user`; `nil` where it says nothing.
    public var user: ServerClause.User? { root["server"]?["user"]?.text.flatMap(ServerClause.User.init(rawValue:)) }

    init(source: String, root: YAMLNode, accepting acceptance: Acceptance) {
        self.source = source
        self.root = root
        self.acceptance = acceptance
    }

    /// The layer with all variables expanded and all values judged; inputs are of policies and mean nothing here.
    ///
    /// Errors: every reason found, in file order, what is not enforced yet among them.
    public func expanded(with variables: PolicyVariables) throws(Refusal) -> ExpandedLayer {
        var variables = variables
        variables.inputs = [:]
        var expansion = Expansion(variables, declared: [])
        let tree = expansion.expanded(root) ?? root
        let checked = Checker.check(tree, as: .layer, at: .expanded)
        let faults = expansion.reasons + checked.reasons
        let reasons = faults + (faults.isEmpty ? RuleCheck.reasons(against: tree) : []) + acceptance.refused(checked.notEnforced)
        try Refusal.check(ReasonOrder.sorted(reasons, files: [source]))
        return ExpandedLayer(name: name, root: tree)
    }
}
