import KernelPlan
import Layers
import Policy
import PolicyText
import StrictJSON

/// `sandboxctl check`: whether policies can be held exactly, here or on other hosts.
struct CheckCommand {
    static let command = Command(
        "check", "say whether policies can be held exactly, and if not, every reason",
        options: [
            Option("format", .choice(["text", "json", "sarif"]), "how it is printed"), CommandTable.Shared.host, CommandTable.Shared.layers,
            CommandTable.Shared.set,
            Option("verbose", .flag, "name the files of a directory that were skipped"),
            ReplayRun.option, ReceiptCriteria.Options.session, ReceiptCriteria.Options.server,
            Option("json", .flag, "the same as `--format json`"), CommandTable.Shared.socket,
        ],
        arguments: .some("POLICY"),
        help: """
            POLICY is a file or a name, as for `wrap`, or a directory: then every *.yaml and *.yml in it that has a key `sandboxd` or
            `sandboxd-layer` is checked, hidden files and directories excepted. Paths are looked at on this host, as you, whatever the
            profile. An input of `--set` is given to those of several policies that declare it.

            The layers of this host, \(LayerDirectory.defaultPath), tighten the policies they are about, as at launch; `--layers`
            names others. With `--host` none are applied unless it does. A layer that is itself to be checked is read, and can be no
            more than that: whether what it leaves of a policy is exact is told of the policy.

            Without `--host` the running daemon, or a private one, says what works here; the output says which. `--host` may be
            given several times, and takes a directory of profiles, too. `--format sarif` is for code scanning, such as GitHub's.

            The `tests` of a policy, and those of NAME.tests.yaml beside it, are run: calls as `decide` decides them, each as the first
            of a session, and acts by what the policy permits, whatever the host. One that comes out otherwise is an error at its line.
            An act is one of:

            \(PolicyAct.forms)

            What the daemon itself refuses is recorded in its ledger (`sandboxctl refusals list`), unless `--host` or `--layers` asks about
            another host.

            The exit status is 0 when all are exact, 3 when one is refused, 5 when no daemon can be asked.

            \(ReplayRun.paragraph)
            """,
        run: { invocation, console in
            if invocation.has("replay") { return ReplayRun.run(invocation, console) }
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
    private let layers: LayerChoice
    private var hosts: HostChoice
    /// To this host's daemon.
    private let line: DaemonLine
    /// Nil where another host is asked about.
    private let reporter: RefusalReporter?

    /// Inputs that only others declare are then no fault.
    private var isOneOfSeveral = false

    init(_ invocation: Invocation) throws(CompileFailure) {
        self.invocation = invocation
        layers = LayerChoice(invocation)
        do { inputs = try invocation.assignments("set") } catch { throw .usage(error) }
        line = DaemonLine(DaemonChoice(invocation, environment), environment)
        reporter = invocation.has("host") || invocation.has("layers") ? nil : RefusalReporter(line, environment)
        do { hosts = try HostChoice(invocation, environment, over: line) } catch { throw .host(error) }
    }

    private mutating func run(_ console: Console) throws(CompileFailure) -> ExitStatus {
        let report = try report(console)
        print(report, console)
        return report.isExact ? .success : .refused
    }

    /// All policies that the command line names, against all hosts that it names.
    mutating func report(_ console: Console) throws(CompileFailure) -> CheckReport {
        let files = PolicyFiles(invocation.arguments, finder: PolicyFinder(environment))
        try requireDeclaration(of: inputs, in: files.subjects)
        layers.warn(console)
        var report = CheckReport(skipped: files.skipped)
        isOneOfSeveral = files.subjects.count > 1
        for subject in files.subjects { report.policies.append(try check(subject)) }
        report.hosts = hosts.known
        line.finish()
        return report
    }

    private func print(_ report: CheckReport, _ console: Console) {
        switch invocation.has("json") ? "json" : invocation.value("format") {
        case "json": console.write(report.json.encoded() + [UInt8(ascii: "\n")])
        case "sarif": console.write(report.sarif.encoded() + [UInt8(ascii: "\n")])
        default: console.write(report.text(console.outputStyle, columns: console.columns, isVerbose: invocation.has("verbose")))
        }
    }

    private mutating func check(_ subject: PolicyFiles.Subject) throws(CompileFailure) -> CheckedPolicy {
        switch subject {
        case .policy(let file): try check(file)
        case .layer(let file, let bytes): LayerCheck(environment).check(file, bytes)
        case .unsearchable(let place, let reason):
            CheckedPolicy(file: place, texts: nil, verdicts: [PolicyVerdict(host: nil, reasons: [reason])])
        }
    }

    private mutating func check(_ file: String) throws(CompileFailure) -> CheckedPolicy {
        var texts: PolicyTexts?
        let local: LocalPolicy
        do throws(Refusal) {
            let found = try PolicyTexts(file, finder: PolicyFinder(environment), layers: layers)
            texts = found
            local = try LocalPolicy(found, inputs: inputs(for: found), environment)
        } catch {
            var checked = CheckedPolicy(file: file, texts: texts, verdicts: [PolicyVerdict(host: nil, reasons: error.reasons.all)])
            if let texts { checked.ledger = reporter?.refused(texts, inputs: known(texts)) }
            return checked
        }
        let hosts: [HostChoice.Host]
        do { hosts = try self.hosts.hosts() } catch { throw .host(error) }
        let failures = PolicyTestRun.reasons(of: local)
        var checked = CheckedPolicy(
            file: file, texts: texts, layers: local.layers.map(\.name), verdicts: hosts.map { Self.verdict(local, failures, on: $0) })
        // A test that fails is a fault of the policy, and refuses no launch.
        let isRefused = checked.verdicts.contains { $0.reasons.count > failures.count }
        if isRefused {
            checked.ledger = reporter?.refused(local.texts, inputs: known(local.texts))
        } else {
            reporter?.exact(local.expanded.name, local.texts, inputs: known(local.texts))
        }
        return checked
    }

    // MARK: Inputs

    /// Several policies seldom declare the same: each is given its own.
    private func inputs(for texts: PolicyTexts) throws(Refusal) -> [String: String] {
        guard isOneOfSeveral, !inputs.isEmpty else { return inputs }
        let declared = try texts.draft().inputs
        return inputs.filter { input in declared.contains { $0.name.utf8.elementsEqual(input.key.utf8) } }
    }

    private func known(_ texts: PolicyTexts) -> [String: String] { (try? inputs(for: texts)) ?? inputs }

    /// Of several policies at least one must declare what is given. What cannot be read may.
    private func requireDeclaration(
        of inputs: [String: String], in subjects: [PolicyFiles.Subject]
    ) throws(CompileFailure) {
        guard subjects.count > 1 else { return }
        var rest = Set(inputs.keys)
        for case .policy(let file) in subjects where !rest.isEmpty {
            guard let draft = try? PolicyTexts(file, finder: PolicyFinder(environment)).draft() else { return }
            rest = rest.filter { name in !draft.inputs.contains { $0.name.utf8.elementsEqual(name.utf8) } }
        }
        if let name = rest.min() { throw .usage(.undeclaredInput(name)) }
    }

    /// Its tests come out alike on every host.
    private static func verdict(_ local: LocalPolicy, _ failures: [Reason], on host: HostChoice.Host) -> PolicyVerdict {
        do throws(Refusal) {
            _ = try local.plan(for: host.profile)
            // Users and groups are this host's.
            let notes = host.isAsked ? ApproverSearch(local.policy, local.layers, host.profile.custody).notes : []
            return PolicyVerdict(host: host, reasons: failures, notes: notes)
        } catch {
            return PolicyVerdict(host: host, reasons: error.reasons.all + failures)
        }
    }
}
