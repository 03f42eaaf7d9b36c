/// What one session may do: resolved, variables expanded, each path carrying what was found. A value; two equal policies permit the same.
///
/// Absent clauses permit nothing; the defaults below are those of an empty document.
public struct Policy: Sendable, Hashable {
    public var name: String
    public var description: String?
    /// Where the document begins; reasons without a better place point here.
    public var location: SourceLocation
    public var server: ServerClause
    public var tools: ToolsClause
    public var egress: EgressClause
    public var ingress: IngressClause
    public var files: FilesClause
    public var processes: ProcessesClause

    public init(
        name: String, description: String? = nil, location: SourceLocation, server: ServerClause = .init(), tools: ToolsClause = .init(),
        egress: EgressClause = .init(), ingress: IngressClause = .init(), files: FilesClause = .init(), processes: ProcessesClause = .init()
    ) {
        self.name = name
        self.description = description
        self.location = location
        self.server = server
        self.tools = tools
        self.egress = egress
        self.ingress = ingress
        self.files = files
        self.processes = processes
    }
}
