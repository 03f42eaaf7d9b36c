/// The two families of protocol versions. A message belongs to one by what it says itself; nothing is latched.
public enum Era: String, Sendable, Hashable, CaseIterable {
    /// 2024-11-05 to 2025-11-25: `initialize`, requests in both directions.
    case legacy
    /// From 2026-07-28 on: each request carries its version in `_meta`, and servers send no requests.
    case modern
}

/// The members of `_meta` that make a request modern.
public enum ModernMeta {
    public static let version: StaticString = "io.modelcontextprotocol/protocolVersion"
    public static let capabilities: StaticString = "io.modelcontextprotocol/clientCapabilities"
    /// Of a notification: the id of the request of `subscriptions/listen` that it belongs to.
    public static let subscription: StaticString = "io.modelcontextprotocol/subscriptionId"
    /// Of no consequence for the era.
    public static let logLevel: StaticString = "io.modelcontextprotocol/logLevel"
}
