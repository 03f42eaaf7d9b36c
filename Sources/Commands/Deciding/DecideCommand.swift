import Decision
import Descriptors
import MCP
import Policy
import PolicyText
import StrictJSON

/// `sandboxctl decide`: what the gate would do with a call, or with another message.
enum DecideCommand {
    static let command = Command(
        "decide", "say what a policy decides about a call or another message, and why",
        options: [
            Option("message", .value("METHOD"), "decide about this message, with the PARAMS that follow, and not about a call"),
            Option("from", .choice(Side.allCases.map(\.rawValue)), "who sends it; else whoever may, and the client where both may"),
            CommandTable.Shared.json, CommandTable.Shared.layers, CommandTable.Shared.set,
        ],
        arguments: .several("POLICY [TOOL [ARGUMENTS]|PARAMS]", 1...3),
        help: """
            POLICY is a file or a name, as for `wrap`; it is judged here, without a daemon, a server or its paths. ARGUMENTS is a JSON
            object; without it the call has none.

            The layers of this host decide with it, as for a session of yours, and the one that decides is named.

            `--message resources/read '{"uri": "file:///x"}'` asks about what a client sends, and
            `--message sampling/createMessage '{…}'` about what a server does. The gate itself decides, in a session whose client and
            server declare all that the protocol has; PARAMS is a JSON object, and with a `_meta` of 2026-07-28 the request is one of
            that version.

            Without TOOL and `--message` calls and messages are read from standard input, one {"tool": NAME, "arguments": {…}} or
            {"message": METHOD, "params": {…}, "from": "client"} a line, and each is answered by a line of JSON. They are read as strictly as
            the gate reads them.

            Each is the first of its session and day: limits and budgets are whole. What this version does not enforce yet is decided all
            the same, and named on standard error.

            The exit status is 0 when all are forwarded, 1 when one is held or blocked, 3 when the policy is refused.
            """,
        run: { invocation, console in
            do throws(CompiledPolicy.Failure) {
                return try run(invocation, console)
            } catch {
                return error.report(console)
            }
        })

    private static func run(_ invocation: Invocation, _ console: Console) throws(CompiledPolicy.Failure) -> ExitStatus {
        if let problem = problem(invocation) {
            console.warn(ProblemText.text((problem, "`sandboxctl decide --help` says how it is used"), console.errorStyle))
            return .usage
        }
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
            let messages = try MessageJudge(policy)
            if let method = invocation.value("message") {
                warn(policy.notEnforced, console)
                return decideMessage(messages, method, invocation, console)
            }
            let lines = invocation.arguments.count == 1
            var judge = try CallJudge(
                policy.expanded.tools, layers: policy.layers, at: policy.expanded.location, cwd: policy.cwd,
                whitespace: lines ? .spacesOnly : .rfc8259)
            warn(policy.notEnforced, console)
            return lines ? decideLines(&judge, messages, console) : decideOne(&judge, invocation, console)
        } catch {
            throw .refused(error, texts)
        }
    }

    private static func problem(_ invocation: Invocation) -> String? {
        if invocation.has("message") {
            return invocation.arguments.count > 2 ? "a message has PARAMS and no more" : nil
        }
        return invocation.has("from") ? "`--from` says who sends the message that `--message` names" : nil
    }

    private static func decideMessage(
        _ judge: MessageJudge, _ method: String, _ invocation: Invocation, _ console: Console
    ) -> ExitStatus {
        let params = invocation.arguments.dropFirst().first.map { Array($0.utf8) }
        let message = judge.judge(method, params: params, from: invocation.value("from").flatMap(Side.init))
        console.write(invocation.has("json") ? line(message.json) : Array(message.description(console.outputStyle).utf8))
        return message.isForwarded ? .success : .finding
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
        console.write(invocation.has("json") ? line(call.json) : Array(call.description(console.outputStyle).utf8))
        return call.isForwarded ? .success : .finding
    }

    private static func decideLines(_ judge: inout CallJudge, _ messages: MessageJudge, _ console: Console) -> ExitStatus {
        var areForwarded = true
        let isRead = InputLines.read(console.input) { bytes in
            let (json, isForwarded) = decide(bytes, &judge, messages)
            areForwarded = areForwarded && isForwarded
            return console.write(line(json))
        }
        guard isRead else {
            console.warn(ProblemText.text(("standard input cannot be read, or has a line of more than 1 MiB", nil), console.errorStyle))
            return .usage
        }
        return areForwarded ? .success : .finding
    }

    /// One line; what is no message is a call, or nothing.
    private static func decide(_ bytes: [UInt8], _ judge: inout CallJudge, _ messages: MessageJudge) -> (json: JSON, isForwarded: Bool) {
        if let message = (try? JSON(parsing: bytes, whitespace: .spacesOnly)).flatMap(AskedMessage.init(line:)) {
            let judged = messages.judge(message)
            return (judged.json, judged.isForwarded)
        }
        let call = judge.judge(line: bytes)
        return (call.json, call.isForwarded)
    }

    private static func line(_ json: JSON) -> [UInt8] { json.encoded() + [UInt8(ascii: "\n")] }
}
