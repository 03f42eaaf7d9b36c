import Policy

/// R401 to R406: who calls, and what is to be run.
enum CallerPages {
    static let rootTarget = CodePage(
        "R401", "the server would run as root",
        meaning: "The policy or the command line makes uid 0 the server's user. Root is never a target.",
        example: .policy("sandboxd: 1\nname: notes\nserver: {user: caller}", on: ExampleWorld(uid: 0)),
        why:
            "Ordinary permissions are part of what a policy means, and root has none to respect; a mistake anywhere would be a mistake about the whole host.",
        waysOut: [
            "Leave `server.user` out, or write `session`: for root the daemon then makes a user of the session's own.",
            "Choose somebody: `sandboxctl wrap --user NAME`.",
        ],
        related: ["R402", "R202"])

    static let badUser = CodePage(
        "R402", "the user does not exist, or may not be chosen",
        meaning: "`--user` names nobody, or was given by somebody who is not root.",
        example: .command(
            "sandboxctl wrap --user nobdy --policy notes -- mcp-notes", .badUser, ["user": "nobdy", "problem": "there is no such user"]),
        why: "The daemon runs as root and could become anybody; only root may make use of that.",
        waysOut: [
            "Check the spelling: `getent passwd NAME`.", "Leave `--user` out: the server then runs as you, or as a user of its own.",
        ],
        related: ["R401", "R304"])

    static let commandNotFound = CodePage(
        "R403", "the server's command is not found",
        meaning: "The command is neither a path that exists nor a name in one of the directories of your `PATH`.",
        example: .command("sandboxctl wrap --policy notes -- mcp-notse", .commandNotFound, ["command": "mcp-notse"]),
        why: "What a session may execute is decided before it starts, from the file that was found.",
        waysOut: ["Check the spelling.", "Install the server.", "Give its path: clients often start with another `PATH` than your shell."],
        related: ["R404", "R405"])

    static let commandNotExecutable = CodePage(
        "R404", "the command cannot be executed",
        meaning: """
            The file is there, and it, or an interpreter of its `#!` line, or a loader that it names, cannot be executed by the server's user. The
            error says why.
            """,
        example: .command(
            "sandboxctl wrap --policy notes -- ./server.py", .commandNotExecutable,
            ["command": "./server.py", "error": "EACCES", "component": "/home/ann/server.py"]),
        why: "The whole chain is looked at beforehand, so that the session does not start to fail half-way.",
        waysOut: [
            "Make it executable: `chmod +x FILE`.", "Check that the interpreter of its `#!` line is installed.",
            "Wrap the interpreter: `-- python3 ./server.py`.",
        ],
        related: ["R403", "R304"])

    static let commandGivenTwice = CodePage(
        "R405", "the command is given twice, or not at all",
        meaning: "The policy has a `server.command` and a command stands behind `--` as well, or neither.",
        example: .command(
            "sandboxctl wrap --policy notes -- mcp-other", .commandGivenTwice,
            ["problem": "another command than `server.command` was given"]),
        why: "A policy that names its server was written for that one.",
        waysOut: ["Leave out `--` and what follows.", "Remove `server.command` from the policy, if it is for several servers."],
        related: ["R403"])

    static let missingVariable = CodePage(
        "R406", "a variable that the policy passes on is not set",
        meaning:
            "`env.pass` or `env.secret` names a variable that your environment does not have, or a credential that the service was not given.",
        example: .command("sandboxctl wrap --policy weather -- mcp-weather", .missingVariable, ["variable": "API_KEY"]),
        why: "A server without its key fails later, in its own words; here the missing name is known.",
        waysOut: [
            "Set it where sandboxctl is started: the `env` of the client's configuration.",
            "Write `\"NAME?\"` under `pass`, where it may be absent.",
            "With `from: credential`: give it to the unit, `LoadCredential=NAME:FILE`; the name is the variable's.",
        ],
        related: ["R124"])
}
