public import Policy
public import StrictJSON

/// A policy without variables, whose paths nobody has looked for yet.
public struct ExpandedPolicy: Sendable {
    public let name: String
    let root: YAMLNode

    /// The merged, expanded policy with keys in the grammar's order: what is digested (in canonical form), recorded and shown.
    /// Holds no value of `pass` or `secret`; an optional path keeps its `?`. Without `tests`, which permit nothing: another test makes no
    /// other policy.
    public var document: JSON {
        let entries = root.entries.filter { !$0.key.utf8.elementsEqual("tests".utf8) }
        return DocumentWriter.document(YAMLNode(content: .mapping(entries), location: root.location), as: .policy)
    }

    /// Where the document begins.
    public var location: SourceLocation { root.location }

    public var tools: ToolsClause { ClauseReader.tools(root["tools"]) }

    public var messages: MessagesClause { ClauseReader.messages(root["messages"]) }

    public var server: ServerClause { ClauseReader.server(root["server"]) }

    /// What its author expects of it; no part of what is permitted.
    public var tests: [PolicyTest] { ClauseReader.tests(root["tests"]) }

    /// What `resolved(with:nameservers:)` needs findings for, in file order.
    public var requestedPaths: [RequestedPath] { ClauseReader.requestedPaths(root) }

    /// Whether it also needs the host's nameservers.
    public var needsNameservers: Bool { Findings.needsNameservers(root) }

    init(name: String, root: YAMLNode) {
        self.name = name
        self.root = root
    }

    /// The policy with what was found at each of `requestedPaths`, in the same order, and the nameservers where it needs them.
    ///
    /// Errors: R301, R303, R307, R308, R310, each at its place.
    public func resolved(with findings: [PathFinding], nameservers: FoundNameservers? = nil) throws(Refusal) -> Policy {
        let found = try Findings(root, findings, nameservers, of: .policy)
        return Policy(
            name: name, description: root["description"]?.text, location: root.location,
            clauses: ClauseReader.clauses(root, found.grants, found.nameservers))
    }
}
