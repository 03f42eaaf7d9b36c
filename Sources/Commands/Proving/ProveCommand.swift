import ControlProtocol
import Descriptors
import Glibc
import KernelPlan
import PathFinding
import Policy
import StrictJSON

/// `sandboxctl prove`: tries what a policy forbids, in a session of that policy, and as a control outside.
struct ProveCommand {
    static let command = Command(
        "prove", "try every applicable escape in a session of a policy, each with a positive control",
        options: [
            CommandTable.Shared.json, CommandTable.Shared.set,
            Option("attempt", .value("ID"), "only this attempt, or only this one at all its targets"),
            Option("user", .value("NAME"), "the user that the server runs as, and who tries unconfined; for root"),
            CommandTable.Shared.socket,
        ],
        arguments: .oneAndTrailing("POLICY", "COMMAND [ARG]…"),
        help: """
            POLICY is a file or a name, as for `wrap`, and is launched as `wrap` launches it, with the plan of its own command or of
            COMMAND; only that sandbox-prober runs in the command's place, a program of sandboxd's that tries what it is told. Its tool
            is let through whatever the policy's rules say: what is proven is the kernel's part.

            Each act is performed twice by the same program: unconfined, where it must come off, or it proves nothing and counts as not
            tried; and in the session, where it must come off if the policy permits it, and must not if it forbids it. What receivers,
            files and processes of ours saw counts. They are on loopback, and in directories named sandboxd-prove-… or, in what the
            policy grants, .sandboxd-prove-…, which are removed; nothing that was there is changed, and no foreign address is tried.
            Unconfined, you try; for root the user of `--user`, else nobody.

            What is printed of a clause is what was observed just now, and no more. The exit status is 0 where all came out as planned,
            1 where something got through or was denied though permitted, or nothing could be tried, 3 when the policy is refused, and 5
            when sandboxd cannot be reached or launches nothing.

            With `--json`: {"policy", "origin", "custody", "sessions", "control", "outcome": "as-planned"|"broken"|"not-tried",
            "tried", "acts", "clauses": [{"clause", "state": "enforced"|"permits"|"not-tried"|"broken", "heldBy", "attempts":
            [{"id", "what", "permitted", "outcome": "stopped"|"worked"|"got-through"|"denied-though-permitted"|"not-tried",
            "detail"}]}], "elsewhere": {"selfTest"}}; what was not tried has no "what" and no "permitted".
            """,
        run: run)

    private let invocation: Invocation
    private let console: Console
    private let environment: CallerEnvironment
    private let prober: String
    private let identity: ControlIdentity

    private static func run(_ invocation: Invocation, _ console: Console) -> ExitStatus {
        var texts: PolicyTexts?
        do throws(ProofFailure) {
            let report = try ProveCommand(invocation, console).report(&texts)
            if invocation.has("json") {
                console.write(report.json.encoded() + [UInt8(ascii: "\n")])
            } else {
                console.write(report.text(console.outputStyle, columns: console.columns))
            }
            return report.hasFinding || report.tried == 0 ? .finding : .success
        } catch {
            let known = texts
            console.warn(error.text(RefusalText(source: { known?.source($0) ?? LayerChoice.told($0) }, style: console.errorStyle)))
            return error.status
        }
    }

    private init(_ invocation: Invocation, _ console: Console) throws(ProofFailure) {
        self.invocation = invocation
        self.console = console
        let own = CallerEnvironment.current()
        environment = CallerEnvironment(variables: own.variables + [Array("\(ProofScene.variable)=x".utf8)])
        do throws(DaemonProblem) { prober = try PrivateDaemon.program("sandbox-prober") } catch {
            if case .noProgram(let path, let errno) = error { throw .noProber(path: path, errno) }
            throw .wrap(.daemon(error))
        }
        let user = invocation.value("user")
        guard let identity = ControlIdentity.of(user) else { throw .noUser(user ?? "nobody") }
        self.identity = identity
    }

    // MARK: From the policy to a report

    private func report(_ known: inout PolicyTexts?) throws(ProofFailure) -> ProofReport {
        let interruption: Interruption
        do throws(Errno) { interruption = try Interruption() } catch { throw .stage("signals", error) }
        var preparation = WrapPreparation(invocation, environment, proving: prober)
        let command: WrapPreparation.FoundCommand
        do throws(WrapFailure) {
            command = try preparation.prepare()
        } catch {
            known = preparation.texts
            throw .wrap(error)
        }
        known = preparation.texts
        var daemon = try connect()
        let host = try profile(&daemon)
        let origin = origin(daemon, host.custody)
        let session = try ProofSession.start(preparation, command, daemon, interruption)
        let local = try policy(preparation.inputs, command, session.prober, &known)
        let plan: KernelPlan
        do throws(Refusal) { plan = try local.plan(for: host) } catch { throw .wrap(.refused(error)) }
        let ready = preparation
        let again = { (interruption: borrowing Interruption) throws(ProofFailure) -> ProofSession in
            try ProofSession.start(ready, command, try connect(), interruption)
        }
        return try prove(local, plan, session, again, origin, interruption)
    }

    private func prove(
        _ local: LocalPolicy, _ plan: KernelPlan, _ session: consuming ProofSession, _ again: @escaping ProofRun.Starter, _ origin: String,
        _ interruption: borrowing Interruption
    ) throws(ProofFailure) -> ProofReport {
        let meaning = PolicyMeaning(local.policy, launching: local.launch)
        let custody = session.custody
        var stage = try ProofStage(local.policy, meaning, plan, as: identity, program: prober, environment)
        let ground = try stage.prepare(prober: session.prober)
        let attempts = AttemptPlan(against: meaning, on: ground).only(invocation.value("attempt"))
        if attempts.isEmpty { throw .unknownAttempt(invocation.value("attempt") ?? "") }
        var run = ProofRun(session, startingAnew: again, program: prober, as: identity, variables: environment.variables, plan: plan)
        try run.run(attempts.tried, on: &stage, interruption)
        let report = ProofReport(
            policy: local.policy.name, origin: origin, custody: custody, sessions: run.sessions, control: control(plan),
            holders: Dictionary(uniqueKeysWithValues: ProvenClause.allCases.map { ($0, $0.holder(in: plan)) }), results: run.results,
            left: attempts.untried, acts: run.acts, selfTested: plan.trials.filter(\.isElsewhere).map(\.text), repeating: repeating)
        run.finish()
        return report
    }

    private func control(_ plan: KernelPlan) -> String {
        let own = identity.isChosen ? Escaping.quoted(identity.name) : identity.name
        switch plan.user {
        case .session: return "\(own) (uid \(identity.uid)), since the session's uid is nobody's"
        case .caller: return "\(own) (uid \(identity.uid))"
        }
    }

    /// The policy as the daemon sees it: for whom it is launched, with what of the prober belongs to the chain.
    private func policy(
        _ inputs: [String: String], _ command: WrapPreparation.FoundCommand, _ prober: String, _ known: inout PolicyTexts?
    ) throws(ProofFailure) -> LocalPolicy {
        var descriptors = DescriptorList()
        var more: [LaunchFacts.ChainLink] = []
        if case .found(let facts) = PathFinder.find(prober, keeping: &descriptors) { more = [.init(role: .command, facts: facts)] }
        let isNamed = invocation.value("user") != nil
        let home = isNamed ? identity.home.map { [Array("HOME=\($0)".utf8)] } ?? [] : []
        do throws(Refusal) {
            let finder = PolicyFinder(environment)
            let texts = try PolicyTexts(invocation.arguments.first ?? "", finder: finder, layers: LayerChoice(invocation))
            known = texts
            return try LocalPolicy(
                texts, inputs: inputs, CallerEnvironment(variables: home + environment.variables),
                starting: .init(command: command.path, more: more), for: isNamed ? identity.caller : nil)
        } catch {
            throw .wrap(.refused(error))
        }
    }

    // MARK: The daemon

    private func connect() throws(ProofFailure) -> DaemonConnection {
        do throws(DaemonProblem) { return try DaemonConnection(DaemonChoice(invocation, environment), environment) } catch {
            throw .wrap(.daemon(error))
        }
    }

    /// Nanoseconds that the probes may take.
    private static let patience: UInt64 = 60_000_000_000

    private func profile(_ daemon: inout DaemonConnection) throws(ProofFailure) -> HostProfile {
        do throws(ControlCallFailure) {
            return try HostProfileReply(try daemon.client.call(.hostProfile, deadline: Clock.monotonic + Self.patience)).profile
        } catch {
            throw .wrap(.call(error))
        }
    }

    private func origin(_ daemon: borrowing DaemonConnection, _ custody: Custody) -> String {
        switch custody {
        case .daemon: return "this one, by sandboxd at \(Escaping.quoted(daemon.name))"
        case .user where daemon.isFallback:
            return "this one, by a private sandboxd, since none listens at \(Escaping.quoted(DaemonChoice.systemSocket))"
        case .user: return "this one, by a private sandboxd"
        }
    }

    // MARK: Once more

    /// The command line without `--attempt`; a command goes last and cannot be repeated before it.
    private var repeating: String {
        var words = ["sandboxctl", "prove", invocation.arguments.first ?? ""]
        for option in invocation.options where !["attempt", "json"].contains(option.name) { words += ["--\(option.name)", option.value] }
        return words.map(Self.quoted).joined(separator: " ")
    }

    private static func quoted(_ word: String) -> String {
        let plain = word.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "-_./=:@,+%".utf8.contains(byte)
        }
        return plain && !word.isEmpty ? word : "'" + Escaping.line(word).replacing("'", with: "'\\''") + "'"
    }
}

extension Trial {
    /// Of an address that is not this host's own loopback.
    fileprivate var isElsewhere: Bool {
        switch act {
        case .tcpConnect(let address, _), .udpSend(let address, _), .fastOpen(let address, _): !address.isLoopback
        case .multipathSocket, .routingHeader, .unixSocket, .unixDatagramPair, .bind, .listen, .accept, .list, .read, .write, .writeFile,
            .changeMode, .fork, .execute, .ioUring, .trace, .seeHost, .readStranger, .change, .removeDirectory, .unixConnect, .unixAbstract:
            false
        }
    }
}
