public import Policy

extension PolicyText {
    /// A layer: one document that tightens policies.
    ///
    /// Errors: as of `parse`.
    public static func parseLayer(_ source: PolicySource, accepting acceptance: Acceptance = .enforced) throws(Refusal) -> LayerDraft {
        let result = YAMLReader.read(source)
        guard let root = result.root else { throw Refusal(result.firstReason(in: source)) }
        let checked = Checker.check(root, as: .layer, at: .written)
        let reasons = result.reasons + checked.reasons + WholeDocument.reasons(against: root, inputs: [])
        let all = reasons.isEmpty ? [] : reasons + acceptance.refused(checked.notEnforced)
        try Refusal.check(ReasonOrder.sorted(all, files: [source.name]))
        return LayerDraft(source: source.name, root: root, accepting: acceptance)
    }
}
