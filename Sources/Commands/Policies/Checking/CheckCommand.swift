import Policy
import StrictJSON

/// `sandboxctl check`: whether policies can be held exactly, here or on other hosts.
struct CheckCommand {
    static let command = Command(
        "check", "say whether policies can be held exactly, and if not, every reason",
        options: [
            Option("format", .choice(["text", "json", "sarif"]), "how it is printed"), CommandTable.Shared.host, CommandTable.Shared.set,
            Option("verbose", .flag, "name the files of a directory that were skipped"), CommandTable.Shared.socket,
        ],
        arguments: .some("POLICY"),
        help: """
            POLICY is a file or a name, as for `wrap`, or a directory: then every *.yaml and *.yml in it that has a key `sandboxd` is
            checked, hidden files and directories excepted. Paths are looked at on this host, as you, whatever the profile.

            Without `--host` the running daemon, or a private one, says what works here; the output says which. `--host` may be
            given several times, and takes a directory of profiles, too. `--format sarif` is for code scanning, such as GitHub's.

            The `tests` of a policy, and those of NAME.tests.yaml beside it, are run: calls as `decide` decides them, each as the first
            of a session, and acts by what the policy permits, whatever the host. One that comes out otherwise is an error at its line.
            An act is one of:

            \(PolicyAct.forms)

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
        let files = PolicyFiles(invocation.arguments, finder: PolicyFinder(environment))
        var report = CheckReport(skipped: files.skipped)
        for subject in files.subjects { report.policies.append(try check(subject)) }
        report.hosts = hosts.known
        print(report, console)
        return report.isExact ? .success : .refused
    }

    private func print(_ report: CheckReport, _ console: Console) {
        switch invocation.value("format") {
        case "json": console.write(report.json.encoded() + [UInt8(ascii: "\n")])
        case "sarif": console.write(report.sarif.encoded() + [UInt8(ascii: "\n")])
        default: console.write(report.text(console.outputStyle, columns: console.columns, isVerbose: invocation.has("verbose")))
        }
    }

    private mutating func check(_ subject: PolicyFiles.Subject) throws(CompileFailure) -> CheckedPolicy {
        switch subject {
        case .policy(let file): try check(file)
        case .unsearchable(let place, let reason):
            CheckedPolicy(file: place, texts: nil, verdicts: [PolicyVerdict(host: nil, reasons: [reason])])
        }
    }

    private mutating func check(_ file: String) throws(CompileFailure) -> CheckedPolicy {
        var texts: PolicyTexts?
        let local: LocalPolicy
        do throws(Refusal) {
            let found = try PolicyTexts(file, finder: PolicyFinder(environment))
            texts = found
            local = try LocalPolicy(found, inputs: inputs, environment)
        } catch {
            return CheckedPolicy(file: file, texts: texts, verdicts: [PolicyVerdict(host: nil, reasons: error.reasons.all)])
        }
        let hosts: [HostChoice.Host]
        do { hosts = try self.hosts.hosts() } catch { throw .host(error) }
        let failures = PolicyTestRun.reasons(of: local)
        return CheckedPolicy(file: file, texts: texts, verdicts: hosts.map { Self.verdict(local, failures, on: $0) })
    }

    /// Its tests come out alike on every host.
    private static func verdict(_ local: LocalPolicy, _ failures: [Reason], on host: HostChoice.Host) -> PolicyVerdict {
        do throws(Refusal) {
            _ = try local.plan(for: host.profile)
            return PolicyVerdict(host: host, reasons: failures)
        } catch {
            return PolicyVerdict(host: host, reasons: error.reasons.all + failures)
        }
    }
}
