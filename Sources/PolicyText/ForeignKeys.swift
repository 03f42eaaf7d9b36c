/// Keys of other tools and of later versions: known, so that their author hears what they would have meant here.
enum ForeignKeys {
    private static let names = [
        "agents", "allow", "allowed_tools", "allowedTools", "allow_net", "args", "audit", "auth", "capabilities", "clients", "commands",
        "credentials", "deny", "disallowedTools", "domains", "envFrom", "extends", "filesystem", "fs", "http", "identity", "image",
        "mcpServers", "mounts", "net", "network", "oauth", "permissions", "policies", "ports", "profile", "proxy", "rate_limit",
        "roles", "sandbox", "schedule", "seccomp", "servers", "syscalls", "time", "tls", "transport", "url", "users", "volumes",
    ]

    static func contains(_ key: String) -> Bool { names.contains { $0.utf8.elementsEqual(key.utf8) } }
}
