public import Policy

/// Policies as text: YAML in, values and reasons with places out. Reads no file and knows no host.
public enum PolicyText {
    /// The `include` entries of a document, for whoever finds the documents. Included documents may include.
    ///
    /// Errors: only what keeps the list from being read; everything else is told by `parse`.
    public static func includes(of source: PolicySource) throws(Refusal) -> [Located<String>] {
        let result = YAMLReader.read(source)
        guard let root = result.root else {
            try Refusal.check(result.reasons)
            return []
        }
        return includes(of: root)
    }

    /// What a document calls itself, as far as it can be read: for whoever must call a policy something that is refused.
    public static func name(of source: PolicySource) -> String? { YAMLReader.read(source).root?["name"]?.text }

    /// The main document and all that it includes, by the names written in `include`, as one.
    ///
    /// Errors: every reason found in any of them, in the order of the documents and of their lines. What is not enforced yet is told
    /// beside other reasons; where there is none, the draft's `expanded(with:)` tells it, so that values are judged first.
    public static func parse(
        _ main: PolicySource, includes: [String: PolicySource] = [:], accepting acceptance: Acceptance = .enforced
    ) throws(Refusal) -> PolicyDraft {
        var loader = DocumentLoader(includes)
        loader.load(main)
        guard let first = loader.documents.first else { throw Refusal(loader.firstReason, []) }
        var merger = Merger(first)
        for document in loader.documents.dropFirst() { merger.add(document) }
        let draft = PolicyDraft(source: main.name, root: merger.root, accepting: acceptance)
        let reasons = loader.reasons + merger.reasons + WholeDocument.reasons(against: draft.root, inputs: draft.inputs)
        let all = reasons.isEmpty ? [] : reasons + acceptance.refused(loader.notEnforced)
        try Refusal.check(ReasonOrder.sorted(all, files: loader.files))
        return draft
    }

    static func includes(of root: YAMLNode) -> [Located<String>] {
        let items = root["include"]?.items ?? []
        return items.compactMap { item in item.text.map { Located($0, at: item.location) } }
    }
}
