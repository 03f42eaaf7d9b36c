public import Policy

/// Which messages that are no tool calls may pass: the policy's section and those of the layers, compiled once. The most restrictive of them
/// decides; a layer says nothing of what it does not name.
public struct MessageRules: Sendable {
    /// What a message is about; names and URIs as decoded bytes.
    public enum Subject: Sendable, Hashable {
        case resource([UInt8])
        /// A template of URIs (RFC 6570), about all that it may expand to.
        case template([UInt8])
        case prompt([UInt8])
        case sampling, elicitation, roots

        public var kind: MessageKind {
            switch self {
            case .resource, .template: .resources
            case .prompt: .prompts
            case .sampling: .sampling
            case .elicitation: .elicitation
            case .roots: .roots
            }
        }
    }

    /// What is said of one message.
    public struct Judgement: Sendable, Hashable {
        public let effect: Effect
        /// The layer that decided; `nil` for the policy.
        public let layer: String?

        public init(_ effect: Effect, layer: String? = nil) {
            self.effect = effect
            self.layer = layer
        }
    }

    /// The messages section of a layer, or of another version of the policy.
    public struct Layer: Sendable, Hashable {
        /// `nil`: it is a policy's, by which is denied what it does not name.
        public let name: String?
        public let messages: MessagesClause

        public init(name: String?, messages: MessagesClause) {
            self.name = name
            self.messages = messages
        }
    }

    private struct Document: Sendable {
        let layer: String?
        let clause: MessagesClause
        let resources: [Glob]?
        let prompts: [Glob]?

        init(_ clause: MessagesClause, layer: String?) {
            self.layer = layer
            self.clause = clause
            resources = clause.resources.map { Self.patterns($0.value).compactMap(ResourceURI.normal).map(Glob.init) }
            prompts = clause.prompts.map { Self.patterns($0.value).map(Glob.init) }
        }

        private static func patterns(_ grant: PatternGrant) -> [ToolPattern] {
            switch grant {
            case .none: []
            case .patterns(let patterns): patterns
            }
        }

        /// Nil where the document says nothing.
        func effect(of kind: MessageKind) -> Effect? {
            switch kind {
            case .resources: resources.map { $0.isEmpty ? .deny : .allow }
            case .prompts: prompts.map { $0.isEmpty ? .deny : .allow }
            case .sampling: clause.sampling?.value
            case .elicitation: clause.elicitation?.value
            case .roots: clause.roots?.value
            }
        }
    }

    /// The policy first, then the layers by name; of one name the older first.
    private var documents: [Document]

    public init(policy: MessagesClause, layers: [Layer] = []) {
        documents = [Document(policy, layer: nil)]
        for layer in layers { add(layer) }
    }

    /// These, and beside them further documents that decide as well: never more passes than before.
    public func tightened(by layers: [Layer]) -> MessageRules {
        var rules = self
        for layer in layers { rules.add(layer) }
        return rules
    }

    private mutating func add(_ layer: Layer) {
        let name = Array((layer.name ?? "").utf8)
        let place = documents.firstIndex { name.lexicographicallyPrecedes(Array(($0.layer ?? "").utf8)) } ?? documents.endIndex
        documents.insert(Document(layer.messages, layer: layer.name), at: place)
    }

    /// A person is asked about something; another document may deny it all the same.
    public var asks: Bool { documents.contains { $0.clause.asks } }

    /// What to do with a message. Named is the document that decided: of several the policy, else the first layer by name.
    public func judge(_ subject: Subject) -> Judgement { strictest { effect(of: subject, in: $0) } }

    /// Whether any message of a kind may pass: deny where each of them is denied.
    public func judge(anyOf kind: MessageKind) -> Judgement { strictest { $0.effect(of: kind) } }

    private func strictest(_ effect: (Document) -> Effect?) -> Judgement {
        var judgement = Judgement(.allow)
        var isFirst = true
        for document in documents {
            let effect = effect(document) ?? (document.layer == nil ? .deny : .allow)
            if isFirst || effect.rank > judgement.effect.rank { judgement = Judgement(effect, layer: document.layer) }
            isFirst = false
        }
        return judgement
    }

    /// Nil where the document says nothing.
    private func effect(of subject: Subject, in document: Document) -> Effect? {
        switch subject {
        case .resource(let uri): document.resources.map { globs in allows(ResourceURI(uri).map(\.normal), globs) }
        case .template(let uri):
            document.resources.map { globs in ResourceTemplate(uri).map { $0.mayMeet(globs) } == true ? .allow : .deny }
        case .prompt(let name): document.prompts.map { globs in allows(name, globs) }
        case .sampling, .elicitation, .roots: document.effect(of: subject.kind)
        }
    }

    private func allows(_ text: [UInt8]?, _ globs: [Glob]) -> Effect {
        guard let text, globs.contains(where: { $0.matches(text) }) else { return .deny }
        return .allow
    }
}
