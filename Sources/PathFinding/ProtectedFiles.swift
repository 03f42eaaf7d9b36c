import Descriptors
import Policy

/// What `files.protect: clients` keeps: files by which a session could make somebody else's program run what it wrote.
enum ProtectedFiles {
    /// Below the home of whoever asked: configurations of MCP clients and what shells and logins start.
    static let inHome = [
        ".claude.json", ".claude", ".mcp.json", ".cursor", ".codex", ".gemini", ".kiro", ".aws/amazonq", ".codeium/windsurf", ".copilot",
        ".continue", ".cline",
        ".config/Claude", ".config/Code/User", ".config/zed", ".config/goose", ".config/opencode", ".config/autostart",
        ".config/systemd/user",
        ".config/environment.d", ".config/fish", ".bashrc", ".bash_profile", ".bash_login", ".bash_logout", ".bash_aliases", ".profile",
        ".zshrc",
        ".zshenv", ".zprofile", ".zlogin", ".zlogout", ".inputrc", ".xprofile", ".xsession", ".xinitrc", ".pam_environment", ".gitconfig",
        ".config/git", ".ssh", ".local/bin",
    ]

    /// At the top of a granted directory: what a project tells clients, editors, shells and git to run.
    static let inProject = [
        ".mcp.json", ".claude", ".cursor", ".vscode", ".codex", ".gemini", ".kiro", ".zed", ".opencode", "opencode.json", "opencode.jsonc",
        ".envrc",
        ".git/hooks", ".git/config",
    ]

    /// What was found: resolved, sorted, each once.
    struct Existing {
        var paths: [String]
        /// Of these, what lies in the directory and would change though it is mounted over: links, and files with other names.
        var changeable: [String]
    }

    /// Those that exist and lie beneath a directory that may be written, or that it lies in.
    static func existing(reachedBy directory: String, home: String?) -> Existing {
        let ofHome = home.map { home in inHome.map { home + "/" + $0 } } ?? []
        var found: Set<String> = []
        var changeable: Set<String> = []
        for path in ofProjects(directory) + ofHome {
            var closed = DescriptorList()
            guard case .found(let facts) = PathFinder.find(path, keeping: &closed) else { continue }
            // A link on the way could be replaced, wherever it leads.
            let reached = facts.links.map(\.path).filter { isBeneath($0, directory) }
            let isReached = isBeneath(facts.resolved, directory) || isBeneath(directory, facts.resolved)
            found.formUnion((isReached ? [facts.resolved] : []) + reached)
            changeable.formUnion(reached)
            if facts.kind == .file, facts.linkCount != 1, isBeneath(facts.resolved, directory) { changeable.insert(facts.resolved) }
        }
        return Existing(paths: sorted(found), changeable: sorted(changeable))
    }

    private static func sorted(_ paths: Set<String>) -> [String] { paths.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }

    /// What would make the directory, or one that it lies in, a project.
    private static func ofProjects(_ directory: String) -> [String] {
        let names = directory.split(separator: "/")
        let projects = (0...names.count).map { names.prefix($0).map { "/" + $0 }.joined() }
        return projects.flatMap { project in inProject.map { project + "/" + $0 } }
    }

    private static func isBeneath(_ path: String, _ directory: String) -> Bool {
        let base = directory == "/" ? "/" : directory + "/"
        return path.utf8.elementsEqual(directory.utf8) || path.utf8.starts(with: base.utf8)
    }
}
