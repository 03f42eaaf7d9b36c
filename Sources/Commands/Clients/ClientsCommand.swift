import ClientConfigs
import StrictJSON

/// `sandboxctl clients`: which MCP servers are configured here, and what holds each.
enum ClientsCommand {
    static let command = listCommand { .current() }

    static func listCommand(in surroundings: @escaping @Sendable () -> ClientSurroundings) -> Command {
        Command(
            "clients", "show the MCP servers that this user's clients are configured with, and what holds each",
            options: [
                Option("fail-on-unwrapped", .flag, "end with 1 when a server that could be wrapped is not"),
                CommandTable.Shared.json,
            ],
            help: """
                Looked at are the configurations of Claude Code, Claude Desktop, Cursor, VS Code, Codex CLI, Gemini CLI, Windsurf,
                Zed, Cline, Goose and OpenCode: the user's, the host's, and those of the project in the working directory;
                not what plugins and extensions of a client bring.

                A server is held when it is started by `sandboxctl wrap`, or is an instance that `sandboxctl connect` reaches.
                Servers at an address run elsewhere, and what is built into a client is a part of it: neither can be wrapped,
                and neither counts as not wrapped.

                The exit status is 0; 1 when a file cannot be read, so that not all is known, or for `--fail-on-unwrapped`.
                """,
            run: { run($0, $1, surroundings()) })
    }

    private static func run(_ invocation: Invocation, _ console: Console, _ surroundings: ClientSurroundings) -> ExitStatus {
        let inventory = ClientInventory(surroundings)
        let list = ClientList(inventory, surroundings)
        if invocation.has("json") {
            console.write(list.json.encoded() + [UInt8(ascii: "\n")])
        } else {
            console.write(list.text(console.columns, console.outputStyle))
        }
        for unread in inventory.unread { console.warn(ProblemText.text(unread.words(surroundings), console.errorStyle)) }
        let isFinding = !inventory.unread.isEmpty || invocation.has("fail-on-unwrapped") && list.hasUnwrapped
        return isFinding ? .finding : .success
    }
}
