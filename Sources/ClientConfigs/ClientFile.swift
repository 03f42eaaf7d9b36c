/// A place where a client looks for servers.
public struct ClientFile: Sendable, Hashable {
    /// What a path is below.
    public enum Base: Sendable, Hashable {
        case home
        /// `XDG_CONFIG_HOME`, else `.config` below the home.
        case configuration
        /// The directory that the client is started in.
        case project
        /// A directory that a variable of the client's names, else one below the home.
        case variable(String, orBelowHome: String)
        /// A file that a variable of the client's names; nowhere else.
        case named(String)
        case root
    }

    /// Whose servers these are.
    public enum Scope: String, Sendable, Hashable { case user, project, system }

    public let client: MCPClient
    public let base: Base
    /// Relative to the base.
    public let path: String
    public let scope: Scope
    public let format: ConfigFormat
    /// Where in it the tables of servers lie.
    let tables: [TablePlace]
}

/// Names that lead to a table of servers.
public enum TablePlace: Sendable, Hashable {
    case path([String])
    /// One table below each member, such as those of a user's projects.
    case each([String], [String])
    /// `mcp.servers` where that is a table of servers, else `mcp` (OpenCode 2 and 1).
    case openCode
}

extension MCPClient {
    /// Where it looks, as its documentation has it in November 2026.
    public var files: [ClientFile] {
        let servers = [TablePlace.path(["mcpServers"])]
        switch self {
        case .claudeCode:
            return [
                file(
                    .variable("CLAUDE_CONFIG_DIR", orBelowHome: ""), ".claude.json", .user, servers + [.each(["projects"], ["mcpServers"])]),
                file(.project, ".mcp.json", .project, servers),
                file(.root, "etc/claude-code/managed-mcp.json", .system, servers),
            ]
        case .claudeDesktop: return [file(.configuration, "Claude/claude_desktop_config.json", .user, servers)]
        case .cursor: return [file(.home, ".cursor/mcp.json", .user, servers), file(.project, ".cursor/mcp.json", .project, servers)]
        case .vscode:
            let own = [TablePlace.path(["servers"])], settings = [TablePlace.path(["mcp", "servers"])]
            return [
                file(.configuration, "Code/User/mcp.json", .user, own), file(.configuration, "Code/User/settings.json", .user, settings),
                file(.project, ".vscode/mcp.json", .project, own), file(.project, ".vscode/settings.json", .project, settings),
            ]
        case .codex:
            let own = [TablePlace.path(["mcp_servers"])]
            return [
                file(.variable("CODEX_HOME", orBelowHome: ".codex"), "config.toml", .user, own, .toml),
                file(.project, ".codex/config.toml", .project, own, .toml),
            ]
        case .gemini:
            return [
                file(.home, ".gemini/settings.json", .user, servers), file(.project, ".gemini/settings.json", .project, servers),
                file(.root, "etc/gemini-cli/settings.json", .system, servers),
            ]
        case .windsurf: return [file(.home, ".codeium/windsurf/mcp_config.json", .user, servers)]
        case .zed:
            let own = [TablePlace.path(["context_servers"])]
            return [file(.configuration, "zed/settings.json", .user, own), file(.project, ".zed/settings.json", .project, own)]
        case .cline:
            let settings = "settings/cline_mcp_settings.json"
            return [
                file(.configuration, "Code/User/globalStorage/saoudrizwan.claude-dev/\(settings)", .user, servers),
                file(.home, ".cline/data/\(settings)", .user, servers), file(.named("CLINE_MCP_SETTINGS_PATH"), "", .user, servers),
            ]
        case .goose: return [file(.configuration, "goose/config.yaml", .user, [.path(["extensions"])], .yaml)]
        case .opencode:
            return ["", ".opencode/"].flatMap { directory in
                ["opencode.json", "opencode.jsonc"].map { file(.project, directory + $0, .project, [.openCode]) }
            } + ["opencode.json", "opencode.jsonc"].map { file(.configuration, "opencode/\($0)", .user, [.openCode]) }
        }
    }

    private func file(
        _ base: ClientFile.Base, _ path: String, _ scope: ClientFile.Scope, _ tables: [TablePlace], _ format: ConfigFormat = .json
    ) -> ClientFile {
        ClientFile(client: self, base: base, path: path, scope: scope, format: format, tables: tables)
    }
}
