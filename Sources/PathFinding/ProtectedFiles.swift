import Descriptors
import Policy

/// What `files.protect: clients` keeps: files by which a session could make somebody else's program run what it wrote.
enum ProtectedFiles {
    /// Below the home of whoever asked: configurations of MCP clients and what shells and logins start.
    static let inHome = [
        ".claude.json", ".claude", ".mcp.json", ".cursor", ".codex", ".gemini", ".kiro", ".aws/amazonq", ".codeium/windsurf", ".copilot", ".continue",
        ".config/Claude", ".config/Code/User", ".config/zed", ".config/goose", ".config/opencode", ".config/autostart", ".config/systemd/user",
        ".config/environment.d", ".config/fish", ".bashrc", ".bash_profile", ".bash_login", ".bash_logout", ".bash_aliases", ".profile", ".zshrc",
        ".zshenv", ".zprofile", ".zlogin", ".zlogout", ".inputrc", ".xprofile", ".xsession", ".xinitrc", ".pam_environment", ".gitconfig",
        ".config/git", ".ssh", ".local/bin",
    ]

    /// At the top of a granted directory: what a project tells clients, editors, shells and git to run.
    static let inProject = [
        ".mcp.json", ".claude", ".cursor", ".vscode", ".codex", ".gemini", ".kiro", ".zed", ".opencode", "opencode.json", "opencode.jsonc", ".envrc",
        ".git/hooks", ".git/config",
    ]

    /// Those that exist beneath a directory that may be written. Resolved, sorted, each once.
    static func existing(beneath directory: String, home: String?) -> [String] {
        let base = directory == "/" ? "" : directory
        let ofHome = home.map { home in inHome.map { home + "/" + $0 } } ?? []
        var found: Set<String> = []
        for path in inProject.map({ base + "/" + $0 }) + ofHome {
            var closed = DescriptorList()
            guard case .found(let facts) = PathFinder.find(path, keeping: &closed), isBeneath(facts.resolved, directory) else { continue }
            found.insert(facts.resolved)
        }
        return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private static func isBeneath(_ path: String, _ directory: String) -> Bool {
        let base = directory == "/" ? "/" : directory + "/"
        return path.utf8.elementsEqual(directory.utf8) || path.utf8.starts(with: base.utf8)
    }
}
