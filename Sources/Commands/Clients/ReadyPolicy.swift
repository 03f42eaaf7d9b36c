import ClientConfigs

/// Which shipped policy is for which server.
struct ReadyPolicy: Sendable, Hashable {
    let policy: String
    /// The programs that its packages install, the one it was made for first.
    let programs: [String]
    /// What `python -m` calls it; nil where it is not written in Python.
    let module: String?
    /// Inputs of the policy that the server's own command line gives.
    let inputs: [String: Source]

    /// Where a command line says what an input is.
    enum Source: Sendable, Hashable {
        /// The value of an option.
        case option([String])
        /// The directory that the value of an option lies in.
        case directory(ofOption: [String])
        /// The first word that is no option.
        case argument
    }

    private init(policy: String, programs: [String], module: String? = nil, inputs: [String: Source] = [:]) {
        self.policy = policy
        self.programs = programs
        self.module = module
        self.inputs = inputs
    }

    static let all = [
        ReadyPolicy(policy: "time", programs: ["mcp-server-time"], module: "mcp_server_time"),
        ReadyPolicy(
            policy: "git", programs: ["mcp-server-git"], module: "mcp_server_git", inputs: ["repository": .option(["--repository", "-r"])]),
        ReadyPolicy(policy: "fetch", programs: ["mcp-server-fetch"], module: "mcp_server_fetch"),
        ReadyPolicy(
            policy: "sqlite", programs: ["mcp-server-sqlite"], module: "mcp_server_sqlite",
            inputs: ["directory": .directory(ofOption: ["--db-path"])]),
        ReadyPolicy(
            policy: "aws-documentation", programs: ["awslabs.aws-documentation-mcp-server"],
            module: "awslabs.aws_documentation_mcp_server.server"),
        ReadyPolicy(policy: "duckduckgo", programs: ["duckduckgo-mcp-server"], module: "duckduckgo_mcp_server.server"),
        ReadyPolicy(policy: "filesystem", programs: ["mcp-server-filesystem"], inputs: ["project": .argument]),
        ReadyPolicy(policy: "memory", programs: ["mcp-server-memory"]),
        ReadyPolicy(policy: "sequential-thinking", programs: ["mcp-server-sequential-thinking"]),
        ReadyPolicy(policy: "everything", programs: ["mcp-server-everything"]),
        ReadyPolicy(policy: "github", programs: ["github-mcp-server"]),
        ReadyPolicy(policy: "slack", programs: ["mcp-server-slack"]),
        ReadyPolicy(policy: "brave-search", programs: ["brave-search-mcp-server", "mcp-server-brave-search"]),
        ReadyPolicy(policy: "context7", programs: ["context7-mcp"]),
        ReadyPolicy(policy: "notion", programs: ["notion-mcp-server"]),
        ReadyPolicy(policy: "postgres", programs: ["mcp-server-postgres"]),
        ReadyPolicy(
            policy: "playwright", programs: ["playwright-mcp", "mcp-server-playwright"], inputs: ["profile": .option(["--output-dir"])]),
    ]

    /// The one for this command line.
    static func find(_ words: [String]) -> ReadyPolicy? {
        let program = words.first.map { String($0.split(separator: "/").last ?? "") } ?? ""
        if let ready = all.first(where: { $0.programs.contains(program) }) { return ready }
        guard program.hasPrefix("python"), words.count > 2, words[1] == "-m" else { return nil }
        return all.first { $0.module == words[2] }
    }

    /// `INPUT=VALUE` for what the command line says.
    func assignments(_ words: [String]) -> [String] {
        inputs.sorted { $0.key < $1.key }.compactMap { input, source in value(source, words).map { "\(input)=\($0)" } }
    }

    private func value(_ source: Source, _ words: [String]) -> String? {
        switch source {
        case .option(let options): Self.value(of: options, words)
        case .directory(let options): Self.value(of: options, words).flatMap(Self.directory)
        case .argument: words.dropFirst().first { !$0.hasPrefix("-") }
        }
    }

    private static func value(of options: [String], _ words: [String]) -> String? {
        for (index, word) in words.enumerated().dropFirst() {
            if options.contains(word), index + 1 < words.count { return words[index + 1] }
            if let option = options.first(where: { $0.hasPrefix("--") && word.hasPrefix($0 + "=") }) {
                return String(word.dropFirst(option.utf8.count + 1))
            }
        }
        return nil
    }

    /// None of a path that names none: it would be whatever directory the client happens to start servers in.
    private static func directory(of path: String) -> String? {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return nil }
        return String(path[..<slash])
    }
}
