import ClientConfigs
import Descriptors
import Glibc
import StrictJSON
import TestSupport
import Testing

@testable import Commands

/// A home and a project with configurations in them, and the commands that look there.
private struct Scene {
    let scratch: ScratchDirectory
    let table: CommandTable
    var home: String { scratch.path + "/home" }
    var project: String { scratch.path + "/project" }

    init(_ variables: [String: String] = [:]) throws {
        scratch = try ScratchDirectory()
        let (home, project) = (scratch.path + "/home", scratch.path + "/project")
        for directory in [home, project] { try WorkingDirectory().makeDirectory(directory) }
        let all = variables.merging(["HOME": home]) { first, _ in first }
        let environment = CallerEnvironment(variables: all.map { Array("\($0.key)=\($0.value)".utf8) })
        let surroundings = ClientSurroundings(environment: environment, project: project, program: "/usr/local/bin/sandboxctl")
        table = CommandTable(commands: [
            ClientsCommand.listCommand { surroundings }, ClientsEditCommands.wrapCommand { surroundings },
            ClientsEditCommands.unwrapCommand { surroundings },
        ])
    }

    /// Relative to the scratch directory; directories are made.
    @discardableResult
    func write(_ path: String, _ text: String, mode: UInt32 = 0o600) throws -> String {
        var made = scratch.path
        for part in path.split(separator: "/").dropLast() {
            made += "/\(part)"
            try? WorkingDirectory().makeDirectory(made)
        }
        try CommandRun.write(text, to: "\(scratch.path)/\(path)")
        chmod("\(scratch.path)/\(path)", mode)
        return "\(scratch.path)/\(path)"
    }

    func text(_ path: String) throws -> String {
        String(decoding: try #require(try WorkingDirectory().contents(of: "\(scratch.path)/\(path)", limit: 1 << 24)), as: UTF8.self)
    }

    func run(_ words: String...) throws -> CommandRun { try CommandRun(["clients"] + words, in: scratch, table: table) }
}

private let time = "{\"mcpServers\": {\"time\": {\"command\": \"mcp-server-time\", \"args\": [\"--local-timezone\", \"UTC\"]}}}\n"
private let wrappedTime =
    "{\"mcpServers\": {\"time\": {\"command\": \"/usr/local/bin/sandboxctl\", \"args\": [\"wrap\", \"--policy\", \"time\", \"--name\", \"time\", \"--\", \"mcp-server-time\", \"--local-timezone\", \"UTC\"]}}}\n"

@Suite struct ClientsTests {
    // MARK: The list

    private static let places: [(path: String, client: MCPClient, text: String)] = [
        ("home/.claude.json", .claudeCode, time), ("project/.mcp.json", .claudeCode, time),
        ("home/.config/Claude/claude_desktop_config.json", .claudeDesktop, time), ("home/.cursor/mcp.json", .cursor, time),
        ("project/.cursor/mcp.json", .cursor, time),
        ("home/.config/Code/User/mcp.json", .vscode, "{\"servers\": {\"time\": {\"command\": \"c\"}}}"),
        ("project/.vscode/mcp.json", .vscode, "{\"servers\": {\"time\": {\"command\": \"c\"}}}"),
        ("home/.config/Code/User/settings.json", .vscode, "{\"mcp\": {\"servers\": {\"time\": {\"command\": \"c\"}}}}"),
        ("home/.codex/config.toml", .codex, "[mcp_servers.time]\ncommand = \"c\"\n"),
        ("project/.codex/config.toml", .codex, "[mcp_servers.time]\ncommand = \"c\"\n"), ("home/.gemini/settings.json", .gemini, time),
        ("project/.gemini/settings.json", .gemini, time), ("home/.codeium/windsurf/mcp_config.json", .windsurf, time),
        ("home/.config/zed/settings.json", .zed, "{\"context_servers\": {\"time\": {\"command\": \"c\"}}}"),
        ("home/.config/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json", .cline, time),
        ("home/.cline/data/settings/cline_mcp_settings.json", .cline, time),
        ("home/.config/goose/config.yaml", .goose, "extensions:\n  time:\n    cmd: c\n"),
        ("home/.config/opencode/opencode.json", .opencode, "{\"mcp\": {\"time\": {\"command\": [\"c\"]}}}"),
        ("project/opencode.jsonc", .opencode, "{\"mcp\": {\"time\": {\"command\": [\"c\"]}}}"),
    ]

    @Test("each client's files are found where they lie, for the user and the project", arguments: places.map(\.path))
    func findsFiles(_ path: String) throws {
        let place = try #require(Self.places.first { $0.path == path })
        let scene = try Scene()
        try scene.write(place.path, place.text)
        let run = try scene.run("--json")
        #expect(run.status == 0)
        let servers = try JSON(parsing: Array(run.output.utf8.dropLast()))["servers"]?.array
        #expect(servers?.count == 1)
        #expect(servers?.first?["client"]?.string == place.client.rawValue)
        #expect(servers?.first?["file"]?.string == "\(scene.scratch.path)/\(place.path)")
        #expect(servers?.first?["scope"]?.string == (place.path.hasPrefix("home") ? "user" : "project"))
        #expect(servers?.first?["state"]?.string == "unwrapped")
    }

    @Test("what variables of clients name is looked at instead")
    func followsVariables() throws {
        let scratch = try ScratchDirectory()
        let variables = [
            "CLAUDE_CONFIG_DIR": "\(scratch.path)/c", "CODEX_HOME": "\(scratch.path)/x", "XDG_CONFIG_HOME": "\(scratch.path)/g",
            "CLINE_MCP_SETTINGS_PATH": "\(scratch.path)/cline.json",
        ]
        let scene = try Scene(variables)
        for (path, text) in [
            ("c/.claude.json", time), ("x/config.toml", "[mcp_servers.a]\ncommand = 'c'"),
            ("g/zed/settings.json", "{\"context_servers\": {\"b\": {\"command\": \"c\"}}}"), ("cline.json", time),
        ] {
            let directory = path.split(separator: "/").dropLast()
            for count in 0..<directory.count {
                try? WorkingDirectory().makeDirectory(scratch.path + "/" + directory.prefix(count + 1).joined(separator: "/"))
            }
            try CommandRun.write(text, to: "\(scratch.path)/\(path)")
        }
        try scene.write("home/.claude.json", "{\"mcpServers\": {\"not\": {\"command\": \"c\"}}}")
        let json = try JSON(parsing: Array(scene.run("--json").output.utf8.dropLast()))
        #expect(json["servers"]?.array?.compactMap { $0["name"]?.string } == ["time", "a", "b", "time"])
    }

    @Test("the table says what holds each, and what cannot be held, and why")
    func lists() throws {
        let scene = try Scene()
        let entries = [
            "\"time\": {\"command\": \"sandboxctl\", \"args\": [\"wrap\", \"--policy\", \"time\", \"--\", \"mcp-server-time\"]}",
            "\"notes\": {\"command\": \"sandboxctl\", \"args\": [\"connect\", \"notes\"]}",
            "\"fake\": {\"command\": \"/tmp/sandboxctl\", \"args\": [\"wrap\", \"--policy\", \"time\", \"--\", \"c\"]}",
            "\"far\": {\"url\": \"https://ann:secret@example.org/mcp?key=secret\"}", "\"in\": {}",
            "\"off\": {\"command\": \"c\", \"disabled\": true}",
            "\"\u{202E}\\u001b[31m\": {\"command\": \"c\"}",
        ]
        try scene.write(
            "home/.claude.json",
            "{\"mcpServers\": {\n\(entries.joined(separator: ",\n"))\n}, \"projects\": {\"/srv/p\": {\"mcpServers\": {\"own\": {\"command\": \"c\"}}}}}"
        )
        let run = try scene.run()
        #expect(
            run.output == """
                SERVER              HELD BY                     CLIENT       IN
                time                policy time                 Claude Code  ~/.claude.json:2
                notes               instance notes              Claude Code  ~/.claude.json:3
                fake                nobody, another sandboxctl  Claude Code  ~/.claude.json:4
                far                 nobody, remote              Claude Code  ~/.claude.json:5
                in                  nobody, built in            Claude Code  ~/.claude.json:6
                off                 nobody                      Claude Code  ~/.claude.json:7 (switched off)
                \\u{202e}\\u{1b}[31m  nobody                      Claude Code  ~/.claude.json:8
                own                 nobody                      Claude Code  ~/.claude.json:9, for /srv/p

                2 of 6 that can be wrapped are; `sandboxctl clients wrap NAME` wraps one
                remote: it runs elsewhere, so that there is nothing here to hold
                built in: a part of its client, which starts it
                another sandboxctl: a program of that name that is neither this one nor the host's

                """)
        #expect(run.status == 0 && run.errors == "")
        #expect(!(try scene.run("--json").output.contains("secret")))
        #expect(try scene.run("--json").output.contains("\"address\":\"https://example.org\""))
    }

    @Test("for a pipeline, one that is not wrapped is a finding; a remote one is not")
    func fails() throws {
        let scene = try Scene()
        #expect(try scene.run("--fail-on-unwrapped").status == 0)
        try scene.write("project/.mcp.json", "{\"mcpServers\": {\"far\": {\"url\": \"https://x\"}}}")
        #expect(try scene.run("--fail-on-unwrapped").status == 0)
        try scene.write("home/.cursor/mcp.json", time)
        #expect(try scene.run("--fail-on-unwrapped").status == 1)
        #expect(try scene.run().status == 0)
        try scene.write("home/.cursor/mcp.json", wrappedTime)
        #expect(try scene.run("--fail-on-unwrapped").status == 0)
        try scene.write("home/.cursor/mcp.json", "{\"mcpServers\": {\"odd\": {\"command\": 1}}}")
        #expect(try scene.run("--fail-on-unwrapped").status == 1)
    }

    @Test(
        "a file that is not understood is told with line and column, the others are shown, and it is a finding",
        arguments: [
            ("{\"mcpServers\": {\n  \"a\": {}, \"a\": {}}}", "`~/.cursor/mcp.json:2:12` is not understood: `a` is given twice"),
            ("{\"mcpServers\": 1}", "`~/.cursor/mcp.json:1:2` is not understood: `mcpServers` is no table"),
            (String(repeating: "[", count: 70), "`~/.cursor/mcp.json:1:65` is not understood: it is nested deeper than 64"),
        ])
    func tellsProblems(_ text: String, _ message: String) throws {
        let scene = try Scene()
        try scene.write("home/.cursor/mcp.json", text)
        try scene.write("project/.mcp.json", time)
        let run = try scene.run()
        #expect(run.status == 1)
        #expect(run.errors.contains(message))
        #expect(run.output.contains("./.mcp.json:1"))
    }

    @Test("a file that is none, or too large, is told")
    func tellsObstacles() throws {
        let scene = try Scene()
        for name in [".cursor", ".gemini"] { try WorkingDirectory().makeDirectory("\(scene.home)/\(name)") }
        try #require(mkfifo("\(scene.home)/.cursor/mcp.json", 0o600) == 0)
        try WorkingDirectory().open("\(scene.home)/.gemini/settings.json", [.write, .create]).truncate(to: ConfigLimits.bytes + 1)
        let run = try scene.run()
        #expect(run.status == 1)
        #expect(run.errors.contains("`~/.cursor/mcp.json` is no regular file"))
        #expect(run.errors.contains("`~/.gemini/settings.json` is larger than"))
    }

    // MARK: Wrapping

    @Test("an entry is wrapped by the shipped policy, twice is once, and unwrapped to the same bytes and mode")
    func wraps() throws {
        let scene = try Scene()
        try scene.write("home/.cursor/mcp.json", time, mode: 0o640)
        let run = try scene.run("wrap", "time")
        #expect(run.errors == "")
        #expect(run.status == 0)
        #expect(try scene.text("home/.cursor/mcp.json") == wrappedTime)
        #expect(try WorkingDirectory().status(of: "\(scene.home)/.cursor/mcp.json").permissions == 0o640)
        #expect(try WorkingDirectory().open("\(scene.home)/.cursor", .directory).names() == [Array("mcp.json".utf8)])
        #expect(try scene.run("--fail-on-unwrapped").status == 0)
        let again = try scene.run("wrap", "time")
        #expect(again.status == 0 && again.output.contains("is wrapped already, by the policy `time`"))
        #expect(try scene.text("home/.cursor/mcp.json") == wrappedTime)
        #expect(try scene.run("wrap", "time", "--policy", "time").status == 0)
        #expect(try scene.run("wrap", "time", "--policy", "git").errors.contains("`sandboxctl clients unwrap time` first"))
        #expect(try scene.run("unwrap", "time").status == 0)
        #expect(try scene.text("home/.cursor/mcp.json") == time)
        let once = try scene.run("unwrap", "time")
        #expect(once.status == 0 && once.output.contains("is not wrapped"))
    }

    @Test("a difference is shown, and nothing is changed")
    func shows() throws {
        let scene = try Scene()
        let text = "{\n  \"mcpServers\": {\n    \"time\": {\n      \"command\": \"mcp-server-time\"\n    }\n  }\n}"
        let path = try scene.write("home/.cursor/mcp.json", text)
        let before = try WorkingDirectory().status(of: path)
        let run = try scene.run("wrap", "time", "--diff")
        #expect(
            run.output == """
                --- \(path)
                +++ \(path)
                @@ -1,7 +1,8 @@
                 {
                   "mcpServers": {
                     "time": {
                -      "command": "mcp-server-time"
                +      "command": "/usr/local/bin/sandboxctl",
                +      "args": ["wrap", "--policy=time", "--name", "time", "--", "mcp-server-time"]
                     }
                   }
                 }
                \\ No newline at end of file

                """)
        #expect(run.status == 0)
        #expect(try WorkingDirectory().status(of: path) == before)
    }

    @Test("the policy's inputs come from the server's own options, or are asked for; a file is named by its whole path")
    func givesInputs() throws {
        let scene = try Scene()
        let entry = { (words: String) in "{\"mcpServers\": {\"s\": {\"command\": \"/opt/\(words)}}}" }
        try scene.write("project/.mcp.json", entry("mcp-server-git\", \"args\": [\"--repository\", \"${PWD}/x\"]"))
        #expect(try scene.run("wrap", "s").status == 0)
        #expect(
            try scene.text("project/.mcp.json").contains(
                "\"--policy\", \"git\", \"--name\", \"s\", \"--set\", \"repository=${PWD}/x\", \"--\", \"/opt/mcp-server-git\""))
        try scene.write("project/.mcp.json", entry("mcp-server-memory\""))
        let asked = try scene.run("wrap", "s")
        #expect(asked.status == 2 && asked.errors.contains("`--set directory=VALUE`"))
        #expect(try scene.run("wrap", "s", "--set", "directory=/srv/memory").status == 0)
        let policy = try scene.write("own.yaml", "sandboxd: 1\nserver: {env: {pass: [KEY]}}\n")
        try scene.write("project/.mcp.json", entry("mine\", \"env\": {\"KEY\": \"${KEY}\", \"OTHER\": \"1\"}"))
        let run = try scene.run("wrap", "s", "--policy", policy)
        #expect(run.status == 0)
        #expect(run.errors == "sandboxctl: the policy keeps `OTHER` from the server: `server.env` of it says what is passed\n")
        #expect(try scene.text("project/.mcp.json").contains("\"--policy=\(policy)\""))
    }

    @Test(
        "what cannot be wrapped is refused with the way out, and the file stays",
        arguments: [
            ("\"command\": \"uvx\", \"args\": [\"mcp-server-time\"]", [], 1, "`sandboxctl prepare -- uvx mcp-server-time`"),
            ("\"command\": \"uvx\", \"args\": [\"mcp-server-time\"]", ["--policy", "time"], 1, "fetches a package when it starts"),
            ("\"command\": \"npx\", \"args\": [\"-y\", \"x@1\"]", [], 1, "`sandboxctl prepare -- npx -y x@1`"),
            ("\"command\": \"npx\", \"args\": [\"github:a/b\"]", [], 1, "comes from elsewhere than the registry"),
            ("\"command\": \"docker\", \"args\": [\"run\", \"x\"]", [], 1, "asks another daemon to start a container"),
            ("\"url\": \"https://example.org/x\"", [], 1, "`s` runs at `https://example.org`"),
            ("\"command\": \"other\"", [], 1, "no shipped policy is for `other`"),
            ("\"command\": \"c\"", ["--policy", "nowhere"], 3, "R101"),
            ("\"command\": \"c\"", ["--policy", "time", "--set", "x=y"], 2, "does not declare the input `x`"),
            (
                "\"command\": \"/tmp/sandboxctl\", \"args\": [\"wrap\", \"--policy\", \"time\", \"--\", \"c\"]", [], 1,
                "neither this one nor the host's"
            ),
            ("\"command\": \"sandboxctl\", \"args\": [\"connect\", \"notes\"]", [], 1, "which systemd runs"),
            ("\"command\": \"c\", \"args\": 1", ["--policy", "time"], 1, "arguments that are no list of texts"),
        ] as [(String, [String], Int32, String)])
    func refuses(_ entry: String, _ options: [String], _ status: Int32, _ message: String) throws {
        let scene = try Scene()
        let text = "{\"mcpServers\": {\"s\": {\(entry)}}}"
        try scene.write("home/.cursor/mcp.json", text)
        let run = try CommandRun(["clients", "wrap", "s"] + options, in: scene.scratch, table: scene.table)
        #expect(run.status == status)
        #expect(run.errors.contains(message), "\(run.errors)")
        #expect(try scene.text("home/.cursor/mcp.json") == text)
    }

    @Test("a policy that starts a command of its own is refused")
    func refusesCommands() throws {
        let scene = try Scene()
        try scene.write("home/.cursor/mcp.json", time)
        let policy = try scene.write("own.yaml", "sandboxd: 1\nserver: {command: [/bin/true]}\n")
        #expect(try scene.run("wrap", "time", "--policy", policy).errors.contains("has a `server.command`"))
    }

    @Test("a name that several have is refused with the list; options say which")
    func chooses() throws {
        let scene = try Scene()
        try scene.write("home/.cursor/mcp.json", time)
        try scene.write("project/.cursor/mcp.json", time)
        try scene.write("home/.claude.json", "{\"mcpServers\": {}, \"projects\": {\"/a\": \(time), \"/b\": \(time)}}")
        let run = try scene.run("wrap", "time")
        #expect(run.status == 1)
        for place in ["cursor  ~/.cursor/mcp.json:1", "cursor  ./.cursor/mcp.json:1", "claude-code  ~/.claude.json:1, for /a"] {
            #expect(run.errors.contains(place), "\(run.errors)")
        }
        #expect(try scene.run("wrap", "time", "--client", "cursor").status == 1)
        #expect(try scene.run("wrap", "time", "--client", "cursor", "--file", ".cursor/mcp.json").status == 0)
        #expect(try scene.text("project/.cursor/mcp.json") == wrappedTime)
        #expect(try scene.text("home/.cursor/mcp.json") == time)
        #expect(try scene.run("wrap", "time", "--project", "/b/").status == 0)
        #expect(try scene.text("home/.claude.json").contains("\"/a\": \(time)"))
        try scene.write(
            "home/.claude.json",
            "{\"mcpServers\": {\"own\": {\"command\": \"c\"}}, \"projects\": {\"/a\": {\"mcpServers\": {\"own\": {\"command\": \"d\"}}}}}")
        #expect(try scene.run("wrap", "own", "--policy", "time", "--project", "none").status == 0)
        #expect(
            try scene.text("home/.claude.json").contains(
                "\"--\", \"c\"]}}, \"projects\": {\"/a\": {\"mcpServers\": {\"own\": {\"command\": \"d\"}}"))
        #expect(try scene.run("wrap", "tme").errors.contains("did you mean `time`?"))
    }
}
