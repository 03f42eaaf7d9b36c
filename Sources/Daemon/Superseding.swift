import ControlProtocol
import Evidence
import KernelPlan
import Layers
import Policy
import PolicyText
import SessionProtocol
import StrictJSON

/// What a reload makes of one session, decided before anything is changed.
struct Superseding {
    /// What the session is held by from here on, the new generation among it.
    var documents: SessionDocuments
    /// What the kernel is told.
    let kernel: Supersession
    /// Whether the server may listen by what it was started with: its filter lets it.
    let canListen: Bool
    /// All that decide besides what the gate was started with.
    let sections: [GateSections.Section]
    let approvers: Approvers
    let budgets: SessionBudgets
    /// What it is held to less of.
    let tightened: [String]
    /// What a running session cannot be held to.
    let notInPlace: [String]
    /// Canonical: names all documents that it is held by.
    let under: [UInt8]
    /// Of the newest generation: kept, since receipts name it.
    let policyDocument: [UInt8]

    /// `nil`: nothing of it changes. `new`: what was read now; nil where only what was begun is to be brought to its end. Throws every reason for
    /// which the new documents cannot be held against the session's.
    init?(
        _ given: SessionDocuments, adding new: SessionDocuments.Generation?, user: ServerClause.User, on host: HostProfile,
        home: (ServerClause.User?) -> String?
    ) throws(Refusal) {
        var documents = given
        if let new, !given.generations.map(\.digest).contains(new.digest) { documents.generations.append(new) }
        let isBegun = given.applied < given.generations.count
        guard isBegun || documents.generations.count > given.generations.count else { return nil }
        var generations: [HeldGeneration] = []
        for generation in documents.generations { generations.append(try HeldGeneration(generation, of: documents, home: home)) }
        let base = try generations[0].policy(of: documents, user: user)
        var before = base.policy, budgets = SessionBudgets(generations[0], base.layers)
        for generation in generations[1..<given.applied] {
            before = try before.intersected(with: try generation.policy(of: documents, user: user).policy)
        }
        var news: [Policy] = []
        var required = false
        for (index, generation) in generations.enumerated().dropFirst() {
            let (policy, others) = try generation.policy(of: documents, user: user)
            if index >= given.applied { news.append(policy) }
            budgets = budgets.tightened(by: SessionBudgets(generation, others))
            required = required || Self.requiresReview(generation, others)
        }
        kernel = try Supersession(of: before, by: news, on: host)
        canListen = base.policy.ingress.tcp.orNone != .none
        let known = Set(generations[0].sections.map(\.id))
        var sections: [GateSections.Section] = []
        for section in generations.dropFirst().flatMap(\.sections) where !known.contains(section.id) {
            if !sections.contains(where: { $0.id == section.id }) { sections.append(section) }
        }
        let earlier = Set(generations[..<given.applied].flatMap(\.sections).map(\.id))
        let added = sections.filter { !earlier.contains($0.id) }
        self.sections = sections
        approvers = Approvers(kernel.policy.approvals, .daemon)
        self.budgets = budgets
        tightened = kernel.tightened.map(\.rawValue) + (added.isEmpty ? [] : ["tools and messages"])
        var notInPlace = kernel.notInPlace.map(\.rawValue)
        if required, !Self.requiresReview(generations[0], base.layers) { notInPlace.append("tools.pins") }
        if documents.generations.count > SessionDocuments.mostGenerations { notInPlace.append("too many reloads") }
        if given.proves { notInPlace.append("a policy is being proven") }
        self.notInPlace = notInPlace
        guard isBegun || !tightened.isEmpty || !notInPlace.isEmpty else { return nil }
        self.documents = documents
        let names: JSON = ["generations": .array(generations.map(\.json))]
        under = (try? names.canonical()) ?? names.encoded()
        policyDocument = generations[generations.count - 1].texts.document
    }
    private static func requiresReview(_ generation: HeldGeneration, _ layers: [Layer]) -> Bool {
        ([generation.texts.expanded.tools] + layers.map(\.clauses.tools)).contains { $0.pins?.value == .required }
    }
}

extension SessionBudgets {
    fileprivate init(_ generation: HeldGeneration, _ layers: [Layer]) {
        self.init(generation.texts.expanded.tools, layers, policy: generation.texts.expanded.name)
    }
}
