import Decision
import Gate
import MCP
import Policy
import StrictJSON
import Testing

/// Conversations about messages that are no tool calls, and how they are written.
extension Conversation {
    static let place = SourceLocation(file: "p", line: 1, column: 1)

    static func grant(_ texts: String...) -> Located<PatternGrant> { Located(.patterns(texts.compactMap { ToolPattern($0) }), at: place) }

    /// Notes below /srv/notes, those of example.org, and two prompts; nothing of what a server asks.
    static let some = MessagesClause(
        resources: grant("file:///srv/notes/*", "https://example.org/notes/*"), prompts: grant("summarise", "list_*"))

    /// Everything.
    static let all = MessagesClause(
        resources: grant("*"), prompts: grant("*"), sampling: Located(.allow, at: place), elicitation: Located(.allow, at: place),
        roots: Located(.allow, at: place))

    convenience init(messages: MessagesClause, layers: [MessageRules.Layer] = []) throws {
        try self.init(messages: MessageRules(policy: messages, layers: layers), isQuiet: true)
    }

    /// A request of an era.
    static func request(_ id: String, _ method: String, _ params: String = "", era: Era = .legacy, capabilities: String = "{}") -> String {
        let meta =
            #""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":\#(capabilities)}"#
        let parts = [params, era == .modern ? meta : ""].filter { !$0.isEmpty }.joined(separator: ",")
        return #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)","params":{\#(parts)}}"#
    }

    static func notification(_ method: String, _ params: String = "") -> String {
        #"{"jsonrpc":"2.0","method":"\#(method)","params":{\#(params)}}"#
    }

    static func result(_ id: String, _ result: String) -> String { #"{"jsonrpc":"2.0","id":\#(id),"result":\#(result)}"# }
}
