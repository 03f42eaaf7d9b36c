import ControlProtocol
import Descriptors
import Evidence
import Kernel
import KernelPlan
import Layers
import PathFinding
import Policy
import PolicyText
import SessionProtocol
import StrictJSON

/// From the call to a plan: texts are read, paths are looked at with the caller's eyes, and policy, paths and host are compiled.
extension Session {
    /// Begins the launch. Whatever happens, the call is answered.
    func begin() {
        enter(.findingPaths)
        do throws(Refusal) {
            if !checks { perform { () throws(LaunchFailure) in facts.host = try daemon.keepHost() } }
            guard phase == .findingPaths else { return }
            let texts = try readTexts(try HostLayers(try daemon.layers.sources()))
            self.texts = texts
            outline.policyName = texts.expanded.name
            if !checks {
                perform { () throws(LaunchFailure) in facts.policy = try daemon.keep(texts.document) }
                guard phase == .findingPaths else { return }
                environment = try serverEnvironment(texts.server)
            }
            perform { () throws(LaunchFailure) in try findPaths(texts) }
        } catch {
            refuse(error)
        }
    }

    private func readTexts(_ host: HostLayers) throws(Refusal) -> SessionTexts {
        guard let request else { preconditionFailure("a session begins with its request") }
        let argv = checks ? nil : request.value.argv.map { String(decoding: $0, as: UTF8.self) }
        let account = Account(uid: caller.uid)?.name
        let texts = try SessionTexts(
            policy: request.value.policy, includes: request.value.includes, argv: argv, layers: host.drafts, user: account
        ) { user in variables(request.value, user: user) }
        if !checks {
            remember(request.value, host.applying(toPolicy: texts.expanded.name, user: account).sources, texts.expanded.name, account)
        }
        return texts
    }

    /// What a reload will have to know.
    private func remember(_ request: borrowing WrapRequest, _ layers: [PolicySource], _ name: String, _ account: String?) {
        guard daemon.custody == .daemon else { return }
        let managed = managedTexts(request)
        let generation = SessionDocuments.Generation(
            policy: PolicySource(name: request.policy.name, bytes: request.policy.bytes),
            includes: request.includes.map { PolicySource(name: $0.name, bytes: $0.bytes) }, layers: layers)
        documents = SessionDocuments(
            generation, managed: managed?.name, variables: variables(request, user: .caller), account: account, caller: caller,
            proves: request.proves)
        heldKey = HeldKey(policy: name, account: account, managed: managed?.name, digest: HeldKey.digest(managed?.texts, layers))
    }

    /// Where the policy was read is the caller's word. That these bytes are what root keeps there is not: they are read again, from root's own
    /// directory, which no caller chose.
    private func managedTexts(_ request: borrowing WrapRequest) -> (name: String, texts: PolicyDirectory.Texts)? {
        guard let name = request.policy.path.flatMap(daemon.policies.name(ofPath:)),
            let texts = (try? daemon.policies.texts(of: name)).flatMap({ $0 }), texts.policy.bytes == request.policy.bytes,
            texts.includes.count == request.includes.count
        else { return nil }
        for include in request.includes {
            guard texts.includes.contains(where: { $0.name.utf8.elementsEqual(include.name.utf8) && $0.bytes == include.bytes }) else {
                return nil
            }
        }
        return (name, texts)
    }

    /// `${home}` is the session's private one where it has a user of its own.
    private func variables(_ request: borrowing WrapRequest, user: ServerClause.User?) -> PolicyVariables {
        let given = ServerEnvironment(entries: request.environment)
        let path = request.path
        // Without a command, which only what is checked may be, nothing stands for `${server}`.
        let server = path.isEmpty ? nil : path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[..<$0]) } ?? "/"
        return PolicyVariables(
            home: home(of: user) ?? callerHome(given), cwd: request.cwdPath, runtime: given["XDG_RUNTIME_DIR"], server: server,
            inputs: request.inputs)
    }

    /// Whose uid the server gets: the policy says, or who asked.
    func user(asked: ServerClause.User?) -> ServerClause.User { asked ?? (caller.uid == 0 ? .session : .caller) }

    func home(of asked: ServerClause.User?) -> String? {
        switch user(asked: asked) {
        case .session: users == nil ? nil : daemon.state.home(id)
        case .caller: nil
        }
    }

    /// The home of whose uid the server gets: what the caller says of itself, and what the host says of a user that root chose.
    private func callerHome(_ given: ServerEnvironment) -> String {
        let account = Account(uid: caller.uid)
        if request?.value.user != nil { return account?.home ?? "/" }
        return given["HOME"] ?? account?.home ?? "/"
    }

    private func serverEnvironment(_ server: ServerClause) throws(Refusal) -> [[UInt8]] {
        let given = ServerEnvironment(entries: request?.value.environment ?? [], credentials: request?.value.credentials ?? [])
        guard let home = home(of: server.user?.value) else {
            let name = Account(uid: caller.uid)?.name ?? "\(caller.uid)"
            return try given.entries(for: server.environment, as: ServerEnvironment.Identity(user: name, home: callerHome(given)))
        }
        return try given.entries(for: server.environment, as: ServerEnvironment.Identity(user: "sandboxd-session", home: home))
    }

    // MARK: Paths

    private func findPaths(_ texts: SessionTexts) throws(LaunchFailure) {
        guard let command = request?.value.path else { throw LaunchFailure(.findPaths, nil, "no command") }
        try reach(.findPaths)
        try makeHome(texts.server)
        try reach(.findPaths)
        let given = ServerEnvironment(entries: request?.value.environment ?? [])
        var question = PathQuestion(
            texts.expanded.requestedPaths, command: command.isEmpty ? nil : command, home: callerHome(given),
            wantsNameservers: texts.expanded.needsNameservers)
        texts.layers.ask(&question)
        let script = scriptPath(texts)
        if let script { question.paths.append(script) }
        asksForScript = script != nil
        search = try PathSearch.start(question, as: finderIdentity, in: daemon) { [weak self] result in self?.pathsFound(result) }
        // The finder is looking meanwhile.
        _ = observedClient
        if !checks { try makeCommitmentKey() }
    }

    /// What the gate will commit with, kept before there is a gate; written while the finder looks.
    private func makeCommitmentKey() throws(LaunchFailure) {
        commitmentKey = try LaunchStep.openSpool.run("commitment key") { () throws(Errno) in try daemon.commitmentKeys.make(for: id) }
    }

    /// The caller's eyes; for root those of the session's own user, since nothing of ours looks at paths as root.
    private var finderIdentity: FinderIdentity {
        if caller.uid == 0, let uid = users?.server { return FinderIdentity(uid: uid, gid: uid, groups: [], isChanged: true) }
        return FinderIdentity(uid: caller.uid, gid: caller.gid, groups: caller.groups, isChanged: daemon.custody == .daemon)
    }

    /// Until the paths are found, whoever looks at them for the caller may pass through: it has nothing but an empty directory.
    private func makeHome(_ server: ServerClause) throws(LaunchFailure) {
        guard let users, let home = home(of: server.user?.value) else { return }
        try LaunchStep.findPaths.run(home) { () throws(Errno) in
            for directory in [home, Self.temporaryDirectory(in: home)] {
                try WorkingDirectory().makeDirectory(directory)
                try WorkingDirectory().open(directory, [.read, .directory, .noFollow]).setOwner(users.server, group: users.server)
            }
            try WorkingDirectory().open(home, [.read, .directory, .noFollow]).setPermissions(0o711)
        }
    }

    /// From here on it is the session's alone.
    private func closeHome() throws(LaunchFailure) {
        guard let server = texts?.server, let home = home(of: server.user?.value) else { return }
        try LaunchStep.findPaths.run(home) { () throws(Errno) in
            try WorkingDirectory().open(home, [.read, .directory, .noFollow]).setPermissions(0o700)
        }
    }

    private static func temporaryDirectory(in home: String) -> String { home + "/tmp" }

    /// A user of the session's own has its temporary files in memory, or in its home; unless the policy names another place.
    private func nameTemporaryDirectory(_ plan: KernelPlan) {
        guard plan.user == .session, !environment.contains(where: { $0.starts(with: Array("TMPDIR=".utf8)) }) else { return }
        let directory = plan.mounts?.temporary.first ?? Self.temporaryDirectory(in: daemon.state.home(id))
        environment.append(Array("TMPDIR=\(directory)".utf8))
    }

    private func pathsFound(_ result: consuming PathSearch.Answer) {
        search = nil
        guard phase == .findingPaths else { return }
        switch consume result {
        case .failed(let failure): fail(failure)
        case .found(var found):
            let script = asksForScript ? found.takeLastFinding() : nil
            perform { () throws(LaunchFailure) in try findProber(&found) }
            guard phase == .findingPaths else { return }
            do throws(Refusal) {
                try compilePlan(found)
            } catch {
                return refuse(error)
            }
            if checks { return isExact() }
            do throws(LaunchFailure) {
                try requireObservable()
                try keepPlan()
                try closeHome()
                observeProgram(found, script: script)
                try reach(.makeScope)
                try makeSession(found)
            } catch {
                fail(error)
            }
        }
    }

    private func findProber(_ found: inout FoundPaths) throws(LaunchFailure) {
        guard proves else { return }
        do throws(Errno) { prober = try Prober(daemon.siblings, keptBy: &found) } catch {
            throw LaunchFailure(.findPaths, error, Prober.name)
        }
    }

    // MARK: Plan

    private func compilePlan(_ found: borrowing FoundPaths) throws(Refusal) {
        guard let texts else { return }
        if let reason = found.answer.commandReason { throw Refusal(reason) }
        let policy = try tightened(texts, found.answer)
        isDurable = policy.evidence.durability?.value == .disk
        serverDirectory = policy.server.directory
        approvers = Approvers(policy.approvals, daemon.custody)
        keep = Keep(policy.evidence)
        keepsArguments = policy.evidence.arguments?.value == .full
        dayBudgets = SessionBudgets(tools, layers, policy: texts.expanded.name)
        definitions = proves ? SessionDefinitions() : SessionDefinitions(tools, policy.messages, layers, policy: texts.expanded.name)
        try requireStore()
        let facts = LaunchFacts(
            caller: caller, chain: found.chain + [prober?.link].compactMap { $0 }, executeChain: found.executeChain, cages: cages(),
            protected: found.answer.protected,
            changeable: found.answer.changeable,
            floor: found.floor, sessionUID: users?.server)
        let plan = try compile(policy, for: daemon.host, launching: facts)
        self.plan = plan
        outline.uid = identity(of: plan.user).uid
        outline.mechanisms = SessionOutline.mechanisms(of: plan)
        nameTemporaryDirectory(plan)
        if plan.doorPort != nil { nameProxy(policy) }
    }

    /// What the proxy is held to, and the variables that lead to it, whatever the policy sets: what leads elsewhere leads nowhere.
    private func nameProxy(_ policy: Policy) {
        names = ProxyStart(
            names: policy.egress.names.orNone.patterns, reached: policy.egress.tcp.orNone.patterns, nameservers: policy.egress.resolvers,
            isDurable: isDurable)
        environment = ProxyEnvironment.replacing(in: environment)
    }

    private func keepPlan() throws(LaunchFailure) {
        // A plan holds no number beyond 2^53.
        guard let document = try? plan?.json.canonical() else { throw LaunchFailure(.recordLaunch, nil, "the plan has no canonical form") }
        facts.plan = try daemon.keep(document)
    }

    /// The policy with what was found, and what all layers leave of it.
    private func tightened(_ texts: SessionTexts, _ answer: PathAnswer) throws(Refusal) -> Policy {
        let own = texts.expanded.requestedPaths.count
        let policy = try texts.expanded.resolved(with: Array(answer.findings.prefix(own)), nameservers: answer.nameservers)
        let layers = try texts.layers.resolved(with: answer.findings.dropFirst(own), answer.nameservers)
        let requests = texts.expanded.requestedPaths + texts.layers.entries.flatMap { $0.layer.requestedPaths }
        documents?.note(requests, answer.findings)
        documents?.nameservers = answer.nameservers
        tools = policy.tools
        messages = policy.messages
        self.layers = layers
        return try policy.tightenedForLaunch(by: layers)
    }

    /// What holds the session and must lie outside of every write.
    private func cages() -> [LaunchFacts.Cage] {
        var cages = [
            LaunchFacts.Cage(path: daemon.state.shared ?? daemon.state.path, what: "sandboxd's state"),
            LaunchFacts.Cage(path: daemon.siblings.directory, what: "sandboxd's programs"),
            LaunchFacts.Cage(path: daemon.layers.path, what: "a layer"),
        ]
        let texts = [request?.value.policy.path] + (request?.value.includes.map(\.path) ?? [])
        cages += texts.compactMap { $0 }.map { LaunchFacts.Cage(path: $0, what: "the policy") }
        return cages
    }
}
