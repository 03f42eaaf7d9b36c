/// Which documents the receipts of a log name. Lines of one session repeat the same names, and sessions those of others.
struct DocumentCensus {
    private(set) var named: [DocumentRole: Set<Digest>] = [:]
    /// Names that were met lately, by kind and slot, which need not be looked up.
    private var recent = [DigestText](repeating: DigestText(), count: DocumentRole.allCases.count * DigestText.slots)

    mutating func add(_ names: NamedDocuments) {
        add(names.policy, .policy, 0)
        add(names.plan, .plan, 1)
        add(names.host, .host, 2)
    }

    private mutating func add(_ name: DigestText, _ kind: DocumentRole, _ place: Int) {
        let slot = place * DigestText.slots + name.slot
        guard !name.isNone, recent[slot] != name, let digest = name.digest else { return }
        recent[slot] = name
        named[kind, default: []].insert(digest)
    }

    /// As what a digest is named.
    func kind(of digest: Digest) -> DocumentRole? { DocumentRole.allCases.first { named[$0]?.contains(digest) == true } }

    /// All of them once.
    var digests: Set<Digest> { named.values.reduce(into: []) { $0.formUnion($1) } }
}
