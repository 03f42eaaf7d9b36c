public import Policy
public import StrictJSON

/// A policy without variables, whose paths nobody has looked for yet.
public struct ExpandedPolicy: Sendable {
    public let name: String
    let root: YAMLNode

    /// The merged, expanded policy with keys in the grammar's order: what is digested (in canonical form), recorded and shown.
    /// Holds no value of `pass` or `secret`; an optional path keeps its `?`.
    public var document: JSON { DocumentWriter.document(root) }

    public var server: ServerClause { ClauseReader.server(root["server"]) }

    /// What `resolved(with:)` needs findings for, in file order.
    public var requestedPaths: [RequestedPath] { ClauseReader.requestedPaths(root["files"]) }

    init(name: String, root: YAMLNode) {
        self.name = name
        self.root = root
    }

    /// The policy with what was found at each of `requestedPaths`, in the same order.
    ///
    /// Errors: R301, R303, R307, R308, each path at its place.
    public func resolved(with findings: [PathFinding]) throws(Refusal) -> Policy {
        let requests = requestedPaths
        precondition(findings.count == requests.count, "one finding for each requested path")
        var grants: [RequestedPath.Purpose: [GrantedPath]] = [:]
        var reasons: [Reason] = []
        for (request, finding) in zip(requests, findings) {
            switch PathJudgement.judge(request, finding) {
            case .granted(let path): grants[request.purpose, default: []].append(path)
            case .nothing: break
            case .refused(let found): reasons += found
            }
        }
        try Refusal.check(reasons)
        return policy(grants)
    }

    private func policy(_ grants: [RequestedPath.Purpose: [GrantedPath]]) -> Policy {
        let execute = NonEmpty(grants[.execute] ?? [])
        return Policy(
            name: name, description: root["description"]?.text, location: root.location,
            clauses: Clauses(
                server: server, tools: ClauseReader.tools(root["tools"]), egress: ClauseReader.egress(root["egress"]),
                files: FilesClause(
                    read: grants[.read], write: grants[.write], execute: execute.map { .paths($0.all) },
                    protect: ClauseReader.protect(root["files"])),
                processes: ClauseReader.processes(root["processes"])))
    }
}
