import Decision
import MCP

extension Method {
    /// Why a client's request of this method is not forwarded in an era; nil when it is.
    func refusal(asRequestOf era: Era) -> BlockReason? {
        switch (self, era) {
        case (.callTool, _), (.listTools, _): nil
        case (.initialize, .legacy), (.ping, .legacy), (.setLogLevel, .legacy), (.discover, .modern): nil
        case (.initialize, .modern), (.ping, .modern), (.setLogLevel, .modern), (.discover, .legacy): .methodUnknown
        case (.listResources, _), (.listResourceTemplates, _), (.readResource, _), (.subscribeResource, _), (.unsubscribeResource, _),
            (.listPrompts, _), (.getPrompt, _), (.complete, _), (.listen, _), (.getTask, _), (.taskResult, _), (.listTasks, _),
            (.cancelTask, _), (.updateTask, _):
            .methodDenied
        case (.createMessage, _), (.elicit, _), (.listRoots, _): .wrongSide
        case (.initialized, _), (.cancelled, _), (.progress, _), (.logMessage, _), (.toolsChanged, _), (.promptsChanged, _),
            (.resourcesChanged, _), (.resourceUpdated, _), (.rootsChanged, _), (.elicitationComplete, _), (.taskStatus, _), (.tasks, _),
            (.listening, _):
            .badID
        }
    }
}
