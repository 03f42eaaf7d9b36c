public import StrictJSON

/// The methods of both eras that the gate knows by name. Everything else is unknown, and denied.
public enum Method: String, Sendable, Hashable, CaseIterable {
    // MARK: Requests
    case callTool = "tools/call"
    case listTools = "tools/list"
    case initialize
    case discover = "server/discover"
    case ping
    case setLogLevel = "logging/setLevel"
    case listResources = "resources/list"
    case listResourceTemplates = "resources/templates/list"
    case readResource = "resources/read"
    case subscribeResource = "resources/subscribe"
    case unsubscribeResource = "resources/unsubscribe"
    case listPrompts = "prompts/list"
    case getPrompt = "prompts/get"
    case complete = "completion/complete"
    case listen = "subscriptions/listen"
    case getTask = "tasks/get"
    case taskResult = "tasks/result"
    case listTasks = "tasks/list"
    case cancelTask = "tasks/cancel"
    case updateTask = "tasks/update"
    case createMessage = "sampling/createMessage"
    case elicit = "elicitation/create"
    case listRoots = "roots/list"

    // MARK: Notifications
    case initialized = "notifications/initialized"
    case cancelled = "notifications/cancelled"
    case progress = "notifications/progress"
    case logMessage = "notifications/message"
    case toolsChanged = "notifications/tools/list_changed"
    case promptsChanged = "notifications/prompts/list_changed"
    case resourcesChanged = "notifications/resources/list_changed"
    case resourceUpdated = "notifications/resources/updated"
    case rootsChanged = "notifications/roots/list_changed"
    case elicitationComplete = "notifications/elicitation/complete"
    case taskStatus = "notifications/tasks/status"
    case tasks = "notifications/tasks"
    case listening = "notifications/subscriptions/acknowledged"

    private static let byName = Dictionary(uniqueKeysWithValues: allCases.map { (Array($0.rawValue.utf8), $0) })

    /// Nil when the method is unknown; compared by bytes after unescaping.
    public init?(_ node: JSONNode, in tape: borrowing JSONTape) {
        if tape.isString(node, "tools/call") {
            self = .callTool
            return
        }
        guard let name = tape.stringBytes(node), let method = Self.byName[name] else { return nil }
        self = method
    }

    /// Whether this names a notification.
    public var isNotification: Bool {
        switch self {
        case .callTool, .listTools, .initialize, .discover, .ping, .setLogLevel, .listResources, .listResourceTemplates, .readResource,
            .subscribeResource, .unsubscribeResource, .listPrompts, .getPrompt, .complete, .listen, .getTask, .taskResult, .listTasks,
            .cancelTask, .updateTask, .createMessage, .elicit, .listRoots:
            false
        case .initialized, .cancelled, .progress, .logMessage, .toolsChanged, .promptsChanged, .resourcesChanged, .resourceUpdated,
            .rootsChanged, .elicitationComplete, .taskStatus, .tasks, .listening:
            true
        }
    }
}
