import TestSupport

@testable import ClientConfigs

/// Configurations laid out in whatever way their formats permit, from a seed.
struct RandomConfig {
    let client: MCPClient
    private var random: SeededGenerator
    private let lineEnd: String
    private let isYAMLOrTOML: Bool

    init(_ client: MCPClient, seed: UInt64) {
        self.client = client
        random = SeededGenerator(seed: seed)
        lineEnd = Bool.random(using: &random) ? "\n" : "\r\n"
        isYAMLOrTOML = client == .goose || client == .codex
    }

    mutating func bytes() -> [UInt8] {
        let text: String
        switch client {
        case .codex: text = toml()
        case .goose: text = yaml()
        case .claudeCode, .claudeDesktop, .cursor, .vscode, .gemini, .windsurf, .zed, .cline, .opencode: text = json()
        }
        let marked = chance(8) && client != .goose ? "\u{FEFF}" + text : text
        return Array(marked.utf8)
    }

    private mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &random) == 0 }

    private mutating func one(_ texts: [String]) -> String { texts.randomElement(using: &random) ?? "" }

    private static let words = [
        "npx", "mcp-server-time", "--flag", "a b", "", "${env:KEY}", "${HOME}/x", "é\u{301}", "\u{1F600}", "C:\\dir", "it's", "\"q\"",
        "#no", "a, b", "[x]",
        "{y}", "//", "/* */", "--", "wrap", "--policy", "key: value", "\t", "- dash", "/usr/bin/sandboxctl", "true", "8080", "null", "%",
        "@at", "`",
    ]

    private mutating func command() -> String {
        one([
            "npx", "mcp-server-time", "/opt/my servers/é", "C:\\x.exe", "a, b", "it's", "#x", "${userHome}/bin/x", "[x]", "x: y", "&x",
            "%x",
        ])
    }

    private mutating func arguments() -> [String] { (0..<Int.random(in: 0...4, using: &random)).map { _ in one(Self.words) } }

    private mutating func names() -> [String] {
        var names = ["time", "a b", "é", "--policy=x", "x.y", "\"", "servers'", "8", "git"]
        names.shuffle(using: &random)
        return Array(names.prefix(Int.random(in: 1...5, using: &random)))
    }

    // MARK: JSON

    private mutating func space(_ minimum: String = "") -> String {
        switch Int.random(in: 0..<10, using: &random) {
        case 0...3: minimum
        case 4: " "
        case 5: lineEnd + "  "
        case 6: "\t"
        case 7: lineEnd + lineEnd + "      "
        case 8: " /* \(one(["a comment, [1]", "\"x\": {", "*", "é"])) */ "
        default: " // \(one(["a comment, ]", "\"", "}", "é"]))" + lineEnd + " "
        }
    }

    private mutating func quoted(_ text: String) -> String {
        let plain = String(decoding: ConfigFormat.json.token(text), as: UTF8.self)
        guard chance(6), let first = text.utf8.first, first < 0x80, first != 0x5C, first != 0x22, first >= 0x20 else { return plain }
        return "\"\\u00" + String(first, radix: 16) + plain.dropFirst(2)
    }

    private mutating func bracketed(_ open: String, _ items: [String], _ close: String) -> String {
        var text = open
        for (index, item) in items.enumerated() {
            text += space() + item + space()
            if index + 1 < items.count || chance(4) { text += "," }
        }
        return text + space() + close
    }

    private mutating func member(_ key: String, _ value: String) -> String { quoted(key) + space() + ":" + space() + value }

    private mutating func json() -> String {
        let path = client == .zed ? ["context_servers"] : client == .vscode ? ["servers"] : client == .opencode ? ["mcp"] : ["mcpServers"]
        var servers: [String] = []
        for name in names() { servers.append(member(name, entry())) }
        var members = [member(path[0], bracketed("{", servers, "}")), member("other", other(0)), member("theme", quoted(one(Self.words)))]
        if client == .claudeCode, chance(2) {
            let inner = member("mcpServers", bracketed("{", [member("time", entry())], "}"))
            members.append(member("projects", bracketed("{", [member("/home/ann/x", bracketed("{", [inner], "}"))], "}")))
        }
        members.shuffle(using: &random)
        return space() + bracketed("{", members, "}") + space()
    }

    private mutating func entry() -> String {
        if chance(6) { return bracketed("{", [member("url", quoted("https://example.org/x"))], "}") }
        let words = arguments().map { quoted($0) }
        var members: [String] = []
        if client == .opencode {
            members.append(member("command", bracketed("[", [quoted(command())] + words, "]")))
        } else {
            var line = [member("command", quoted(command()))]
            if !words.isEmpty || chance(2) { line.append(member("args", bracketed("[", words, "]"))) }
            line.shuffle(using: &random)
            if client == .zed, chance(3) {
                let inner = line.map { $0.replacing("command", with: "path") }
                members.append(member("command", bracketed("{", inner, "}")))
            } else {
                members += line
            }
        }
        members += [member("env", bracketed("{", [member("KEY", quoted(one(Self.words)))], "}")), member("timeout", "1.5e3")]
        if !chance(4) { members.shuffle(using: &random) }
        return bracketed("{", members, "}")
    }

    private mutating func other(_ depth: Int) -> String {
        switch Int.random(in: 0..<(depth > 3 ? 3 : 5), using: &random) {
        case 0: return one(["1", "-0.5", "true", "false", "null", "1E+9"])
        case 1, 2: return quoted(one(Self.words))
        case 3: return bracketed("[", [other(depth + 1), other(depth + 1)], "]")
        default: return bracketed("{", [member("command", other(depth + 1)), member("args", other(depth + 1))], "}")
        }
    }

    // MARK: TOML

    private mutating func tomlString(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x27 && $0 != 0x7F }
        return isPlain && chance(3) ? "'\(text)'" : isPlain && chance(8) ? "'''\(text)'''" : quoted(text)
    }

    private mutating func tomlList(_ words: [String]) -> String {
        var text = "["
        for (index, word) in words.enumerated() {
            text += tomlSpace() + tomlString(word) + tomlSpace()
            if index + 1 < words.count || chance(4) { text += "," }
        }
        return text + tomlSpace() + "]"
    }

    private mutating func tomlSpace() -> String {
        one(["", "", " ", "\t", lineEnd + "  ", " # it's, ]" + lineEnd + "    ", lineEnd + lineEnd])
    }

    private mutating func comment() -> String { one(["", "", "  # \"c\"", "\t"]) + lineEnd }

    private mutating func toml() -> String {
        var text = one(["", "# top" + lineEnd]) + "model = \"x\"" + comment()
        for name in names() where chance(4) {
            let key = tomlKey(name)
            text += "mcp_servers.\(key).command = " + tomlString(command()) + comment()
            return text + rest(names().filter { $0 != name })
        }
        return text + rest(names())
    }

    private mutating func tomlKey(_ name: String) -> String {
        name.utf8.allSatisfy { ASCII.isLetter($0) || ASCII.isDigit($0) } && !chance(3) ? name : quoted(name)
    }

    private mutating func rest(_ names: [String]) -> String {
        var text = "[other]" + comment() + "command = 1" + comment()
        for name in names {
            text += one(["", lineEnd, "# next" + lineEnd])
            let indentation = one(["", "", "  ", "\t"])
            if chance(5) {
                text += "[mcp_servers.\(tomlKey(name))]" + comment() + indentation + "url = \"https://x\"" + comment()
                continue
            }
            text += indentation + "[mcp_servers . \(tomlKey(name))]" + comment()
            let words = arguments()
            var lines = ["command = " + tomlString(command()), "startup_timeout_sec = 1_0.5", "since = 1979-05-27 07:32:00"]
            if !words.isEmpty || chance(2) { lines.append("args = " + tomlList(words)) }
            if chance(2) { lines.append("env = { A = \"1\", \"b c\" = '2' }") }
            lines.shuffle(using: &random)
            for line in lines { text += indentation + line + comment() }
        }
        return text
    }

    // MARK: YAML

    private mutating func yamlString(_ text: String) -> String {
        let isPlain =
            !text.isEmpty && text.utf8.allSatisfy { ASCII.isLetter($0) || ASCII.isDigit($0) || "/-_.é".utf8.contains($0) }
            && !text.hasPrefix("-")
        if isPlain, !chance(3), !["true", "null", "8080"].contains(text) { return text }
        let isSimple = text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        return isSimple && chance(2)
            ? "'" + text.replacing("'", with: "''") + "'" : String(decoding: ConfigFormat.yaml.token(text), as: UTF8.self)
    }

    private mutating func yaml() -> String {
        var text = one(["", "# top" + lineEnd, "---" + lineEnd]) + "GOOSE_MODEL: x" + lineEnd + "extensions:" + lineEnd
        let indentation = one(["  ", "    ", " "])
        for name in names() {
            let inner = indentation + one(["  ", "    "])
            text += one(["", "", lineEnd, inner + "# next" + lineEnd]) + indentation + yamlString(name) + ":"
            let words = arguments()
            if chance(4) {
                var members = ["type: stdio", "cmd: " + yamlString(command())]
                if !words.isEmpty || chance(2) {
                    members.append("args: [" + words.map { yamlString($0) }.joined(separator: one([", ", ",  "])) + "]")
                }
                members.shuffle(using: &random)
                text += " {" + members.joined(separator: ", ") + "}" + lineEnd
                continue
            }
            var members = ["type: stdio", "cmd: " + yamlString(command()), "envs: {A: '1'}", "description: ''"]
            if chance(2), !words.isEmpty {
                let dashed = one([inner, inner + "  "])
                let items = words.map { lineEnd + dashed + one(["- ", "-   "]) + yamlString($0) + one(["", "  # it's"]) }
                members.append("args:" + items.joined())
            } else if !words.isEmpty || chance(2) {
                members.append("args: [" + words.map { yamlString($0) }.joined(separator: ", ") + "]")
            }
            members.shuffle(using: &random)
            text += lineEnd + members.map { inner + $0 + one(["", "", "  # c"]) + lineEnd }.joined()
        }
        return text + one(["", "last: [1, {a: b}]" + lineEnd])
    }
}
