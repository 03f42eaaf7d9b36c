/// `sandboxctl explain`: a policy in plain words with what holds each clause, what a reason code means, or why something was denied.
enum ExplainCommand {
    static let command = Command(
        "explain", "say in plain words what a policy permits, what a reason code means, or why something was denied",
        options: [
            CommandTable.Shared.json, Option("host", .value("PROFILE"), CommandTable.Shared.host.summary), CommandTable.Shared.layers,
            CommandTable.Shared.set,
            Option("log", .value("DIR"), "the log of a receipt that is given by its number"), CommandTable.Shared.socket,
        ],
        arguments: .one("SUBJECT"),
        help: """
            SUBJECT is one of these, told apart by its form:

              a reason code, such as R203 or D101
              a receipt: its number in a log (17), its session and number there (92d647a652ebfbc7:3), or as JSON, as
                `receipts show --json` prints it, from a file (@FILE) or from standard input (-)
              anything else: a policy, as a file or a name as for `wrap`; one that bears such a name is given as ./R203.yaml

            Without `--log` receipts are looked for in the daemon's log, \(ReceiptPlace.daemonLog).

            The layers of this host that are about the policy tighten it, as at launch; what each takes away is named with it.

            A policy that cannot be held exactly is not explained: the exit status is then 3, and every reason is printed. It is 2
            for what there is not, and 5 where a log cannot be read.
            """,
        run: { invocation, console in
            let subject = ExplainSubject(invocation.arguments.first ?? "")
            switch subject {
            case .code(let code): return CodePages.explain(code, isJSON: invocation.has("json"), console)
            case .policy, .receipt, .receiptOfSession, .receiptText:
                if invocation.has("json") { return refuseJSON(console) }
                if case .policy = subject { return explainPolicy(invocation, console) }
                return explainReceipt(subject, invocation.value("log"), console)
            }
        })

    private static func refuseJSON(_ console: Console) -> ExitStatus {
        let words = ("`--json` is for reason codes", "`plan --json` prints how a policy is held, `receipts show --json` a receipt")
        console.warn(ProblemText.text(words, console.errorStyle))
        return .usage
    }

    private static func explainPolicy(_ invocation: Invocation, _ console: Console) -> ExitStatus {
        CompiledPolicy.run(invocation, console) { compiled in
            let local = compiled.local
            let tightening = Tightenings(local.untightened, local.layers, local.launch)
            let explanation = Explanation(local.policy, compiled.plan, local.launch, tightening, on: compiled.host.origin)
            console.write(explanation.text(console.outputStyle))
            guard compiled.host.isAsked else { return }
            console.write(
                "\n`sandboxctl prove \(Escaping.line(invocation.arguments.first ?? ""))` tries on this host what is permitted and what is not\n"
            )
        }
    }

    private static func explainReceipt(_ subject: ExplainSubject, _ log: String?, _ console: Console) -> ExitStatus {
        do throws(ReceiptProblem) {
            let receipt = try ReceiptPlace(log: log, input: console.input).receipt(subject)
            console.write(ReceiptExplanation(receipt).text(console.outputStyle))
            return .success
        } catch {
            console.warn(ProblemText.text(error.words, console.errorStyle))
            return error.status
        }
    }
}
