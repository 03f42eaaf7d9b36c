/// A program that starts MCP servers by a configuration of its own.
public enum MCPClient: String, Sendable, Hashable, CaseIterable {
    case claudeCode = "claude-code"
    case claudeDesktop = "claude-desktop"
    case cursor
    case vscode
    case codex
    case gemini
    case windsurf
    case zed
    case cline
    case goose
    case opencode

    /// As its makers write it.
    public var title: String {
        switch self {
        case .claudeCode: "Claude Code"
        case .claudeDesktop: "Claude Desktop"
        case .cursor: "Cursor"
        case .vscode: "VS Code"
        case .codex: "Codex CLI"
        case .gemini: "Gemini CLI"
        case .windsurf: "Windsurf"
        case .zed: "Zed"
        case .cline: "Cline"
        case .goose: "Goose"
        case .opencode: "OpenCode"
        }
    }

    /// How the command of a server is called; it is a text with a list of arguments beside it, a list of all words (OpenCode), or a table of
    /// these two (Zed, until 2025).
    var commandKey: String { self == .goose ? "cmd" : "command" }

    /// What holds the environment of a server.
    public static let environmentKeys = ["env", "envs", "environment"]

    static let argumentsKey = "args"
    /// The address of a server that runs elsewhere.
    static let addressKeys = ["url", "serverUrl", "httpUrl", "uri"]
}
