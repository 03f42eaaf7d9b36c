import Policy

/// Reads and checks the main document and its includes, each once, depth first.
struct DocumentLoader {
    private let includes: [String: PolicySource]
    /// Mappings, the main document first.
    private(set) var documents: [YAMLNode] = []
    private(set) var reasons: [Reason] = []
    /// R120, which is no fault of the text.
    private(set) var notEnforced: [Reason] = []
    /// Names of documents in the order in which they were read.
    private(set) var files: [String] = []
    private var done: Set<[UInt8]> = []
    private var path: [[UInt8]] = []

    init(_ includes: [String: PolicySource]) { self.includes = includes }

    /// For when nothing could be read.
    var firstReason: Reason { reasons.first ?? Reason(.empty, at: nil, ["place": "document"]) }

    mutating func load(_ source: PolicySource) {
        files.append(source.name)
        let result = YAMLReader.read(source)
        reasons += result.reasons
        guard let root = result.root else { return }
        let checked = Checker.check(root, as: .policy, at: .written)
        reasons += checked.reasons
        notEnforced += checked.notEnforced
        guard case .mapping = root.content else { return }
        documents.append(root)
        for include in PolicyText.includes(of: root) { load(include) }
    }

    private mutating func load(_ include: Located<String>) {
        let name = Array(include.value.utf8)
        if path.contains(name) { return note(.circular, include) }
        guard done.insert(name).inserted else { return }
        guard let source = includes.first(where: { $0.key.utf8.elementsEqual(name) })?.value else { return note(.notFound, include) }
        path.append(name)
        load(source)
        path.removeLast()
    }

    private mutating func note(_ problem: IncludeProblem, _ include: Located<String>) {
        reasons.append(Reason(.badInclude, at: include.location, ["include": include.value, "problem": problem.rawValue]))
    }
}
