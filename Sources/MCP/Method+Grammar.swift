/// Who may send what, and in which versions. What a policy permits of it is another question.
extension Method {
    private typealias Versions = ClosedRange<ProtocolVersion>

    private static let all: Versions = .november2024 ... .july2026
    private static let legacy: Versions = .november2024 ... .november2025
    private static let modern: Versions = .july2026 ... .july2026
    /// Where tasks are a part of the protocol; in the modern era they are an extension of it.
    private static let experimental: Versions = .november2025 ... .november2025

    /// In which versions this side may send it; nil: in none.
    public func versions(from side: Side) -> ClosedRange<ProtocolVersion>? {
        switch side {
        case .client: versionsOfClient
        case .server: versionsOfServer
        }
    }

    /// Whether this side may send it to a peer with which this version was agreed on, or, where none was, in some version of the era.
    public func isKnown(from side: Side, in era: Era, agreed version: ProtocolVersion?) -> Bool {
        guard let versions = versions(from: side) else { return false }
        switch era {
        case .modern: return versions.contains(.july2026)
        case .legacy: return version.map(versions.contains) ?? versions.overlaps(Self.legacy)
        }
    }

    private var versionsOfClient: Versions? {
        switch self {
        case .callTool, .listTools, .listResources, .listResourceTemplates, .readResource, .listPrompts, .getPrompt, .complete: Self.all
        case .initialize, .ping, .setLogLevel, .subscribeResource, .unsubscribeResource: Self.legacy
        case .getTask, .cancelTask: .november2025 ... .july2026
        case .taskResult, .listTasks: Self.experimental
        case .discover, .listen, .updateTask: Self.modern
        case .createMessage, .elicit, .listRoots: nil
        case .cancelled: Self.all
        case .initialized, .progress, .rootsChanged: Self.legacy
        case .taskStatus: Self.experimental
        case .logMessage, .toolsChanged, .promptsChanged, .resourcesChanged, .resourceUpdated, .elicitationComplete, .tasks, .listening: nil
        }
    }

    private var versionsOfServer: Versions? {
        switch self {
        case .ping, .createMessage, .listRoots: Self.legacy
        case .elicit: .june2025 ... .november2025
        case .getTask, .taskResult, .listTasks, .cancelTask: Self.experimental
        case .callTool, .listTools, .initialize, .discover, .setLogLevel, .listResources, .listResourceTemplates, .readResource,
            .subscribeResource, .unsubscribeResource, .listPrompts, .getPrompt, .complete, .listen, .updateTask:
            nil
        case .cancelled, .progress, .logMessage, .toolsChanged, .promptsChanged, .resourcesChanged, .resourceUpdated: Self.all
        case .elicitationComplete, .taskStatus: Self.experimental
        case .tasks, .listening: Self.modern
        case .initialized, .rootsChanged: nil
        }
    }
}
