import Decision
import Descriptors
import Policy
import PolicyText
import StrictJSON

/// `sandboxctl decide`: what the gate would do with a call.
enum DecideCommand {
    static let command = Command(
        "decide", "say what a policy decides about a call, and why",
        options: [CommandTable.Shared.json, CommandTable.Shared.layers, CommandTable.Shared.set],
        arguments: .several("POLICY [TOOL [ARGUMENTS]]", 1...3),
        help: """
            POLICY is a file or a name, as for `wrap`; it is judged here, without a daemon, a server or its paths. ARGUMENTS is a JSON
            object; without it the call has none.

            The layers of this host decide with it, as for a session of yours, and the one that decides is named.

            Without TOOL calls are read from standard input, one {"tool": NAME, "arguments": {…}} a line, and each is answered by a
            line of JSON. They are read as strictly as the gate reads them.

            Each call is the first of its session and day: limits and budgets are whole. What this version does not enforce yet is decided all
            the same, and named on standard error.

            The exit status is 0 when every call is forwarded, 1 when one is held or blocked, 3 when the policy is refused.
            """,
        run: { invocation, console in
            do throws(CompiledPolicy.Failure) {
                return try run(invocation, console)
            } catch {
                return error.report(console)
            }
        })

    private static func run(_ invocation: Invocation, _ console: Console) throws(CompiledPolicy.Failure) -> ExitStatus {
        let environment = CallerEnvironment.current()
        let inputs = try CompiledPolicy.inputs(invocation)
        let texts: PolicyTexts
        do {
            texts = try PolicyTexts(invocation.arguments[0], finder: PolicyFinder(environment), layers: LayerChoice(invocation))
        } catch {
            throw .refused(error, nil)
        }
        do throws(Refusal) {
            let policy = try JudgedPolicy(texts, inputs: inputs, environment)
            let lines = invocation.arguments.count == 1
            var judge = try CallJudge(
                policy.expanded.tools, layers: policy.layers, at: policy.expanded.location, cwd: policy.cwd,
                whitespace: lines ? .spacesOnly : .rfc8259)
            warn(policy.notEnforced, console)
            return lines ? decideLines(&judge, console) : decideOne(&judge, invocation, console)
        } catch {
            throw .refused(error, texts)
        }
    }

    private static func warn(_ reasons: [Reason], _ console: Console) {
        for reason in reasons {
            let place = reason.location.map { "\(Escaping.line($0.file)):\($0.line):\($0.column): " } ?? ""
            console.warn("\(place)\(console.errorStyle(.warning, "note:")) \(ReasonWords(reason).message)\n")
        }
    }

    private static func decideOne(_ judge: inout CallJudge, _ invocation: Invocation, _ console: Console) -> ExitStatus {
        let words = invocation.arguments
        let call = judge.judge(tool: Array(words[1].utf8), arguments: words.count > 2 ? Array(words[2].utf8) : nil)
        console.write(invocation.has("json") ? line(call) : Array(call.description(console.outputStyle).utf8))
        return call.isForwarded ? .success : .finding
    }

    private static func decideLines(_ judge: inout CallJudge, _ console: Console) -> ExitStatus {
        var areForwarded = true
        let isRead = InputLines.read(console.input) { bytes in
            let call = judge.judge(line: bytes)
            areForwarded = areForwarded && call.isForwarded
            return console.write(line(call))
        }
        guard isRead else {
            console.warn(ProblemText.text(("standard input cannot be read, or has a line of more than 1 MiB", nil), console.errorStyle))
            return .usage
        }
        return areForwarded ? .success : .finding
    }

    private static func line(_ call: JudgedCall) -> [UInt8] { call.json.encoded() + [UInt8(ascii: "\n")] }
}
