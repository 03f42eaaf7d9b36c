/// What a document says, clause by clause; what it does not say is absent.
///
/// One value for both kinds of documents: in a policy an absent clause permits nothing, in a layer it says nothing.
public struct Clauses: Sendable, Hashable {
    public var server: ServerClause
    public var tools: ToolsClause
    public var messages: MessagesClause
    public var egress: EgressClause
    public var ingress: IngressClause
    public var files: FilesClause
    public var processes: ProcessesClause
    public var evidence: EvidenceClause
    public var approvals: ApprovalsClause

    public init(
        server: ServerClause = .init(), tools: ToolsClause = .init(), messages: MessagesClause = .init(), egress: EgressClause = .init(),
        ingress: IngressClause = .init(), files: FilesClause = .init(), processes: ProcessesClause = .init(),
        evidence: EvidenceClause = .init(), approvals: ApprovalsClause = .init()
    ) {
        self.server = server
        self.tools = tools
        self.messages = messages
        self.egress = egress
        self.ingress = ingress
        self.files = files
        self.processes = processes
        self.evidence = evidence
        self.approvals = approvals
    }
}
