import ClientConfigs

/// Which shipped policy is for which server.
struct ReadyPolicy: Sendable, Hashable {
    let policy: String
    /// The program that the package installs.
    let program: String
    /// What `python -m` calls it.
    let module: String
    /// Inputs of the policy that the server's own options give.
    let inputs: [String: [String]]

    static let all = [
        ReadyPolicy(policy: "time", program: "mcp-server-time", module: "mcp_server_time", inputs: [:]),
        ReadyPolicy(policy: "git", program: "mcp-server-git", module: "mcp_server_git", inputs: ["repository": ["--repository", "-r"]]),
        ReadyPolicy(policy: "fetch", program: "mcp-server-fetch", module: "mcp_server_fetch", inputs: [:]),
    ]

    /// The one for this command line.
    static func find(_ words: [String]) -> ReadyPolicy? {
        let program = words.first.map { String($0.split(separator: "/").last ?? "") } ?? ""
        if let ready = all.first(where: { $0.program == program }) { return ready }
        guard program.hasPrefix("python"), words.count > 2, words[1] == "-m" else { return nil }
        return all.first { $0.module == words[2] }
    }

    /// `INPUT=VALUE` for what the command line says.
    func assignments(_ words: [String]) -> [String] {
        inputs.sorted { $0.key < $1.key }.compactMap { input, options in
            for (index, word) in words.enumerated().dropFirst() {
                if options.contains(word), index + 1 < words.count { return "\(input)=\(words[index + 1])" }
                if let option = options.first(where: { $0.hasPrefix("--") && word.hasPrefix($0 + "=") }) {
                    return "\(input)=\(word.dropFirst(option.utf8.count + 1))"
                }
            }
            return nil
        }
    }
}
