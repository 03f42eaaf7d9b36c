import ControlProtocol
import KernelPlan
import Policy
import StrictJSON

/// `sandboxctl check`: whether policies can be held exactly, here or on other hosts.
struct CheckCommand {
    static let command = Command(
        "check", "say whether policies can be held exactly, and if not, every reason",
        options: [
            Option("format", .choice(["text", "json"]), "how it is printed"), CommandTable.Shared.host, CommandTable.Shared.set,
            CommandTable.Shared.socket,
        ],
        arguments: .some("POLICY"),
        help: """
            POLICY is a file or a name, as for `wrap`. Paths are looked at on this host, as you, whatever the profile.
            Without `--host` the running daemon, or a private one, says what works here; the output says which.

            The exit status is 0 when all are exact, 3 when one is refused, 5 when no daemon can be asked.
            """,
        run: { invocation, console in
            do throws(CompileFailure) {
                var check = try CheckCommand(invocation)
                return try check.run(console)
            } catch {
                console.warn(ProblemText.text(error.words, console.errorStyle))
                return error.status
            }
        })

    private let invocation: Invocation
    private let environment = CallerEnvironment.current()
    private let inputs: [String: String]
    private var hosts: HostChoice

    private init(_ invocation: Invocation) throws(CompileFailure) {
        self.invocation = invocation
        do { inputs = try invocation.assignments("set") } catch { throw .usage(error) }
        do { hosts = try HostChoice(invocation, environment) } catch { throw .host(error) }
    }

    private mutating func run(_ console: Console) throws(CompileFailure) -> ExitStatus {
        var documents: [JSON] = []
        var areExact = true
        let isJSON = invocation.value("format") == "json"
        for file in invocation.arguments {
            var texts: PolicyTexts?
            for verdict in try verdicts(file, &texts) {
                areExact = areExact && verdict.isExact
                let source = { (name: String) in texts?.source(name) }
                if isJSON {
                    documents.append(verdict.json)
                } else {
                    console.write(verdict.text(RefusalText(source: source, style: console.outputStyle)))
                }
            }
        }
        if isJSON { console.write(JSON.object(JSONObject([("policies", .array(documents))])).encoded() + [UInt8(ascii: "\n")]) }
        return areExact ? .success : .refused
    }

    private mutating func verdicts(_ file: String, _ texts: inout PolicyTexts?) throws(CompileFailure) -> [PolicyVerdict] {
        let local: LocalPolicy
        do throws(Refusal) {
            let found = try PolicyTexts(file, finder: PolicyFinder(environment))
            texts = found
            local = try LocalPolicy(found, inputs: inputs, environment)
        } catch {
            return [PolicyVerdict(file: file, host: nil, reasons: error.reasons.all)]
        }
        let hosts: [HostChoice.Host]
        do { hosts = try self.hosts.hosts() } catch { throw .host(error) }
        return hosts.map { host in
            do throws(Refusal) {
                _ = try local.plan(for: host.profile)
                return PolicyVerdict(file: file, host: host, reasons: [])
            } catch {
                return PolicyVerdict(file: file, host: host, reasons: error.reasons.all)
            }
        }
    }
}
