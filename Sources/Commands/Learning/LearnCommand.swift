/// `sandboxctl learn`: a policy from what was seen.
enum LearnCommand {
    static let command = Command(
        "learn", "write a policy from what a server was seen to do",
        options: [
            Option("from", .value("RECEIPTS"), "learn from a log or bundle, and start nothing; `daemon`: the log that sandboxd keeps"),
            Option("policy", .value("POLICY"), "print what this policy lacks of what was seen, and write none"),
            Option("output", .value("FILE"), "write the policy there instead of standard error, or standard output with `--from`"),
            Option("force", .flag, "replace FILE where it is there already"),
            Option("with-secrets", .flag, "hand over the secrets that `--policy` and `--secret` name"),
            Option("secret", .values("NAME"), "a variable of yours that the server needs and that is a secret"),
            CommandTable.Shared.set, ReceiptCriteria.Options.session, ReceiptCriteria.Options.server, CommandTable.Shared.layers,
            Option("name", .value("NAME"), "what the session, and the policy, is called"),
            Option("user", .value("NAME"), "the user that the server runs as; for root"),
            CommandTable.Shared.socket,
        ],
        arguments: .trailing("COMMAND [ARG]…"),
        help: """
            COMMAND is started as by `wrap`, under the shipped policy `learning`, which lets nearly everything pass; the layers of this
            host apply. stdin and stdout are the MCP stream: use the server, then end it. What it was asked, and what it asked of the
            kernel, is observed: calls with the shape of their arguments and no value, endpoints, names it asked a nameserver
            for, files, programs. The kernel tells of each such act before it is done (seccomp_unotify(2)) and is always told to go on:
            nothing is decided by it, so a server can mislead it about paths, and nothing is safer for it.

            The policy permits what was seen, good or bad, with how often and by which call, and says at its head what could
            not be observed. Read it before it is used. A directory that was listed, or of which three files or more
            were read, is granted whole, unless it is one of the widest.

            `--from` learns from receipts alone: calls and messages, not files and endpoints, for which the clauses of the
            policy under which the sessions ran are copied.

            With `--policy` the lines are printed that the policy lacks; the exit status is then 1 when it lacks some. Else it is that of
            `wrap`, or of the others with `--from`.
            """,
        wrapsStatus: false,
        run: { invocation, console in
            if invocation.has("from") {
                guard invocation.trailing == nil else { return usage("`--from` starts nothing: no COMMAND is given with it", console) }
                return LearnFromLog.run(invocation, console)
            }
            return LearnSession.run(invocation, console)
        })

    private static func usage(_ message: String, _ console: Console) -> ExitStatus {
        console.warn(ProblemText.text((message, "`sandboxctl learn --help` says how it is used"), console.errorStyle))
        return .usage
    }
}
