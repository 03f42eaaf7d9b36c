import Evidence
import Policy
import StrictJSON

/// `check --replay RECEIPTS POLICY`: what a policy would have decided about the calls of a log. No host is asked, and no path looked at.
enum ReplayRun {
    static let option = Option(
        "replay", .value("RECEIPTS"), "say what POLICY would have decided about the calls of a log, and check nothing else")

    static let paragraph = """
        `--replay` judges the calls of a log, or of a bundle, again, by one POLICY and this host's layers, as `decide` does; RECEIPTS is
        a directory or file as for `receipts show`, `daemon` the log that sandboxd keeps. Told is each call that would be decided
        otherwise, with the rule. Where the arguments were not kept, only what no arguments can change is judged; calls for
        which they matter are counted, with the rules, and are no difference. The exit status is then 0, 1 when a call differs
        or a line is no receipt, 3 when the policy is refused, 5 when there is no log.
        """

    static func run(_ invocation: Invocation, _ console: Console) -> ExitStatus {
        guard invocation.arguments.count == 1, !invocation.has("host"), invocation.value("format") != "sarif" else {
            let help = "the layers of this host apply, or those of `--layers`; `--format` is text or json"
            console.warn(ProblemText.text(("`--replay` takes one POLICY, and neither `--host` nor SARIF", help), console.errorStyle))
            return .usage
        }
        return NamedLog.run("replay", invocation, console) { path in run(path, invocation, console) }
    }

    private static func run(_ path: String, _ invocation: Invocation, _ console: Console) -> ExitStatus {
        do throws(CompiledPolicy.Failure) {
            var replay = try replay(invocation)
            var report = ReplayReport(policy: invocation.arguments[0], receipts: path)
            let criteria = ReceiptCriteria.ofSessions(invocation)
            var calls = RecordedCalls(criteria, log: (try? ReceiptSource(path).form) == .log ? path : nil)
            do throws(ReceiptSourceError) {
                try ReceiptLines(path: path).read { item in
                    switch item {
                    case .receipt(let record): if let call = calls.call(record) { report.add(replay.replay(call)) }
                    case .foreign: report.foreign += 1
                    }
                    return true
                }
            } catch {
                console.warn(ProblemText.text(ReceiptLines.unreadable(path, error), console.errorStyle))
                return ReceiptLines.status(error)
            }
            report.sessions = calls.sessions.count
            report.others = calls.others
            let isJSON = invocation.has("json") || invocation.value("format") == "json"
            console.write(isJSON ? report.json.encoded() + [UInt8(ascii: "\n")] : Array(report.text(console.outputStyle).utf8))
            return report.status
        } catch {
            return error.report(console)
        }
    }

    private static func replay(_ invocation: Invocation) throws(CompiledPolicy.Failure) -> Replay {
        let inputs = try CompiledPolicy.inputs(invocation)
        let environment = CallerEnvironment.current()
        let texts: PolicyTexts
        do {
            texts = try PolicyTexts(invocation.arguments[0], finder: PolicyFinder(environment), layers: LayerChoice(invocation))
        } catch {
            throw .refused(error, nil)
        }
        do throws(Refusal) { return try Replay(try JudgedPolicy(texts, inputs: inputs, environment)) } catch {
            throw .refused(error, texts)
        }
    }
}

extension ReceiptCriteria {
    /// Which sessions' receipts: `--session` and `--server`.
    static func ofSessions(_ invocation: Invocation) -> ReceiptCriteria {
        var criteria = ReceiptCriteria()
        criteria.session = invocation.value("session")
        criteria.server = invocation.value("server")
        return criteria
    }
}
