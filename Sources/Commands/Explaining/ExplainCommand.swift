/// `sandboxctl explain`: a policy in plain words, with what holds each clause.
enum ExplainCommand {
    static let command = Command(
        "explain", "say in plain words what a policy permits, and what holds each part of it",
        options: [
            Option("host", .value("PROFILE"), CommandTable.Shared.host.summary), CommandTable.Shared.set, CommandTable.Shared.socket,
        ],
        arguments: .one("POLICY"),
        help: """
            POLICY is a file or a name, as for `wrap`. A policy that cannot be held exactly is not explained: the exit status
            is then 3, and every reason is printed.
            """,
        run: { invocation, console in
            CompiledPolicy.run(invocation, console) { compiled in
                console.write(Explanation(compiled.local.policy, compiled.plan, on: compiled.host.origin).text(console.outputStyle))
            }
        })
}
