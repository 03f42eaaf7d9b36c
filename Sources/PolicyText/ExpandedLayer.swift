public import Policy
public import StrictJSON

/// A layer without variables, whose paths nobody has looked for yet.
public struct ExpandedLayer: Sendable {
    public let name: String
    let root: YAMLNode

    /// The expanded layer with keys in the grammar's order: what is digested (in canonical form), recorded and shown.
    public var document: JSON { DocumentWriter.document(root, as: .layer) }

    /// Its rules, and a default where it has an opinion of its own.
    public var tools: ToolsClause { ClauseReader.tools(root["tools"]) }

    public var messages: MessagesClause { ClauseReader.messages(root["messages"]) }

    /// What `resolved(with:nameservers:)` needs findings for, in file order.
    public var requestedPaths: [RequestedPath] { ClauseReader.requestedPaths(root) }

    /// Whether it also needs the host's nameservers.
    public var needsNameservers: Bool { Findings.needsNameservers(root) }

    /// The layer with what was found at each of `requestedPaths`, in the same order, and the nameservers where it needs them.
    ///
    /// A path that whoever asked cannot find grants nothing: a layer only takes away. Errors: R301 (any other failure), R302, R303, R307,
    /// R308, each at its place.
    public func resolved(with findings: [PathFinding], nameservers: FoundNameservers? = nil) throws(Refusal) -> Layer {
        let found = try Findings(root, findings, nameservers, of: .layer)
        return Layer(
            name: name, location: root.location, appliesTo: ClauseReader.appliesTo(root["applies_to"]),
            clauses: ClauseReader.clauses(root, found.grants, found.nameservers))
    }
}
