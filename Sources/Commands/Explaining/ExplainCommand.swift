/// `sandboxctl explain`: a policy in plain words with what holds each clause, or what a reason code means.
enum ExplainCommand {
    static let command = Command(
        "explain", "say in plain words what a policy permits, and what holds each part of it",
        options: [
            CommandTable.Shared.json, Option("host", .value("PROFILE"), CommandTable.Shared.host.summary), CommandTable.Shared.set,
            CommandTable.Shared.socket,
        ],
        arguments: .one("SUBJECT"),
        help: """
            SUBJECT is a policy, as a file or a name as for `wrap`, or a reason code such as R203. A policy that bears such a name
            is given as a file: ./R203.yaml.

            A policy that cannot be held exactly is not explained: the exit status is then 3, and every reason is printed.
            """,
        run: { invocation, console in
            switch ExplainSubject(invocation.arguments.first ?? "") {
            case .code(let code): return CodePages.explain(code, isJSON: invocation.has("json"), console)
            case .policy where invocation.has("json"):
                let words = ("`--json` is for reason codes", "`sandboxctl plan --json` prints how a policy is held")
                console.warn(ProblemText.text(words, console.errorStyle))
                return .usage
            case .policy: return explainPolicy(invocation, console)
            }
        })

    private static func explainPolicy(_ invocation: Invocation, _ console: Console) -> ExitStatus {
        CompiledPolicy.run(invocation, console) { compiled in
            console.write(Explanation(compiled.local.policy, compiled.plan, on: compiled.host.origin).text(console.outputStyle))
        }
    }
}
