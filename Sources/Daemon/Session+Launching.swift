import ControlProtocol
import Decision
import Descriptors
import EventLoop
import Evidence
import Kernel
import KernelPlan
import Policy
import SessionProtocol
import StrictJSON

/// From a plan to a running server. Each function is one step; what fails is thrown to `perform`.
extension Session {
    /// Runs a step; its failure ends the launch.
    func perform(_ body: () throws(LaunchFailure) -> Void) {
        do { try body() } catch { fail(error) }
    }

    // MARK: Scope, programs, gate

    /// Makes all that must exist before a process does, starts the keeper and launches the gate.
    func makeSession(_ found: consuming FoundPaths) throws(LaunchFailure) {
        guard let plan, let texts, request != nil else { throw LaunchFailure(.makeScope, nil, "no plan") }
        try PlanParts.check(plan)
        let launch = Launch(session: id, scope: scope, state: daemon.state, loop: daemon.loop)
        self.launch = launch
        if plan.cgroup != nil, launch.scope != nil { launch.pins = daemon.state.pins(id) }
        launch.limits = try limits(plan.limits, launch)
        try writeRecord(launch)
        try makeScope(launch)
        try attachPrograms(plan, launch, found)
        let ruleset = try makeRuleset(plan, found)
        try reach(.makeFilter)
        let filter = try daemon.filters.filter(plan.seccomp)
        try openSpool(launch)
        let ends = try makeServerParts(plan, launch, ruleset, filter, try workingDirectory(found))
        try startKeeper(launch)
        try startSelfTest()
        try launchGate(launch, texts, ends)
        enter(.launchingGate)
    }

    private var scope: SessionScope? {
        (unit ?? daemon.scopes).map { SessionScope(session: id, in: $0) }
    }

    private func makeScope(_ launch: Launch) throws(LaunchFailure) {
        try reach(.makeScope)
        guard let scope = launch.scope else { return }
        try LaunchStep.makeScope.run(scope.directory) { () throws(Errno) in try scope.make(withProxy: plan?.doorPort != nil) }
        if daemon.custody == .user {
            launch.killFile = try LaunchStep.makeScope.run("cgroup.kill") { () throws(Errno) in try scope.openKill() }
        }
        try launch.limits?.make(in: scope)
    }

    private func limits(_ limits: ResourceLimits, _ launch: Launch) throws(LaunchFailure) -> ServerLimits? {
        guard !limits.isEmpty else { return nil }
        guard let scope = launch.scope else { throw LaunchFailure(.makeScope, nil, "limits without a cgroup") }
        let controllers = unit.map { DelegatedCgroup.controllers(of: $0, enabling: limits.controllers) } ?? daemon.controllers
        return try ServerLimits(limits, session: id, scope: scope, controllers)
    }

    private func attachPrograms(_ plan: KernelPlan, _ launch: Launch, _ found: borrowing FoundPaths) throws(LaunchFailure) {
        try reach(.loadPrograms)
        guard let cgroup = plan.cgroup, let scope = launch.scope else { return }
        let leaf = try LaunchStep.loadPrograms.run { () throws(Errno) in try scope.open(.server) }
        var files: [InodeRule: BorrowedDescriptor] = [:]
        for rule in cgroup.unix + cgroup.executed { files[rule] = found.descriptor(of: rule) }
        launch.programs = try EgressPrograms.attach(cgroup, to: leaf, pins: daemon.state.pins(id), sharing: daemon.sharedMaps) {
            rule throws(Errno) in
            guard let file = files[rule] else { throw .noEntry }
            return file
        }
    }

    private func makeRuleset(_ plan: KernelPlan, _ found: borrowing FoundPaths) throws(LaunchFailure) -> OwnedDescriptor {
        try reach(.makeRuleset)
        var missing: LandlockPathRule?
        var descriptors: [LandlockPathRule: BorrowedDescriptor] = [:]
        for rule in plan.landlock.paths {
            guard let descriptor = found.descriptor(of: rule) else {
                missing = rule
                break
            }
            descriptors[rule] = descriptor
        }
        if let missing { throw LaunchFailure(.makeRuleset, .noEntry, missing.path) }
        return try LandlockRuleset.make(plan.landlock) { rule throws(Errno) in
            guard let descriptor = descriptors[rule] else { throw .noEntry }
            return descriptor
        }
    }

    private func openSpool(_ launch: Launch) throws(LaunchFailure) {
        try reach(.openSpool)
        launch.spool = try LaunchStep.openSpool.run(daemon.state.spool(id)) { () throws(Errno) in
            try WorkingDirectory().open(daemon.state.spool(id), [.write, .append, .create, .exclusive], mode: 0o600)
        }
        try makeNameDurable(in: daemon.state.spools)
        folder = SpoolFolder(facts)
        guard plan?.doorPort != nil else { return }
        launch.connections = try LaunchStep.openSpool.run(daemon.state.connectionSpool(id)) { () throws(Errno) in
            try WorkingDirectory().open(daemon.state.connectionSpool(id), [.write, .append, .create, .exclusive], mode: 0o600)
        }
        try makeNameDurable(in: daemon.state.connections)
        proxyFolder = SpoolFolder(SpoolOwner.proxy.facts(facts), of: ReceiptKind.ofProxy)
    }

    /// What is synced in a file without a name would be lost with the host. The file system may be another than when the host was looked at.
    private func makeNameDurable(in directory: String) throws(LaunchFailure) {
        guard isDurable else { return }
        let problem = try LaunchStep.openSpool.run(directory) { () throws(Errno) in
            try DurableStorage.problem(of: try WorkingDirectory().open(directory, [.read, .directory]))
        }
        if let problem { throw LaunchFailure(.openSpool, nil, "\(directory) \(problem)") }
    }

    /// Before anything exists that the record names: the next daemon finds by it what this one may not live to end.
    private func writeRecord(_ launch: Launch) throws(LaunchFailure) {
        try reach(.openSpool)
        guard let scope = launch.scope else { return }
        try writeDocuments()
        let record = SessionRecord(
            id: id, users: users, scope: scope.directory, limits: launch.limits?.directories ?? [:], pins: launch.pins ?? "",
            server: serverName, policy: facts.policy?.hex ?? "",
            plan: facts.plan?.hex ?? "", host: facts.host?.hex ?? "", isAudited: plan?.landlock.isAudited ?? false,
            boot: SessionRecord.currentBoot(),
            held: approvers.map { SessionRecord.Held(caller: caller.uid, client: client, approvers: $0) }, budgets: dayBudgets,
            definitions: definitions, outline: outline)
        try LaunchStep.openSpool.run("session record") { () throws(Errno) in
            try record.write(to: daemon.state.record(id), durably: isDurable)
        }
        try makeNameDurable(in: daemon.state.sessions)
    }

    /// The gate's ends of the server's pipes.
    struct ServerEnds: ~Copyable {
        var stdin: OwnedDescriptor
        var stdout: OwnedDescriptor
        var stderr: OwnedDescriptor
    }

    private func makeServerParts(
        _ plan: KernelPlan, _ launch: Launch, _ ruleset: consuming OwnedDescriptor, _ filter: consuming OwnedDescriptor,
        _ directory: consuming OwnedDescriptor
    ) throws(LaunchFailure) -> ServerEnds {
        try reach(.makeDescriptors)
        let stdin = try pipe()
        let stdout = try pipe()
        let stderr = try pipe()
        guard let started else { throw LaunchFailure(.makeDescriptors, nil, "no program") }
        var specification = LaunchSpecification(
            path: Array(started.path.utf8), arguments: started.argv, environment: environment, identity: identity(of: plan.user),
            executesOnce: plan.launchesOnce, hasOnlyPipes: true, dropsBounding: daemon.mayDropBounding, landlockABI: plan.landlock.abi,
            openFiles: LaunchSpecification.serverOpenFiles)
        specification.hasEmptyNetwork = plan.hasEmptyNetwork
        specification.doorPort = plan.doorPort
        let mapping = try OwnerMapping.make(plan.mounts, to: identity(of: plan.user))
        let controllers = try LaunchStep.makeDescriptors.run("controllers") { () throws(Errno) in
            try launch.limits?.entries() ?? DescriptorList()
        }
        let ends = ServerEnds(stdin: stdin.writer, stdout: stdout.reader, stderr: stderr.reader)
        launch.server = Launch.ServerParts(
            specification: specification, ruleset: ruleset, filter: filter, mounts: try MountList.make(plan), mapping: mapping,
            directory: directory,
            controllers: controllers, stdin: stdin.reader,
            stdout: stdout.writer,
            stderr: stderr.writer)
        return ends
    }

    /// What is started: the command that was asked for; where it proves, the prober and nothing else.
    private var started: (path: String, argv: [[UInt8]])? {
        if proves { return prober.map { ($0.path, [Array(Prober.name.utf8)]) } }
        guard let path = request?.value.path, let argv = request?.value.argv else { return nil }
        return (path, argv)
    }

    private func pipe() throws(LaunchFailure) -> Pipe {
        try LaunchStep.makeDescriptors.run("pipe") { () throws(Errno) in try Pipe() }
    }

    /// `server.cwd`, opened with the caller's eyes, or the directory that the caller passed.
    private func workingDirectory(_ found: borrowing FoundPaths) throws(LaunchFailure) -> OwnedDescriptor {
        let opened = serverDirectory.map { found.descriptor(of: $0.found) } ?? request?.value.cwd.borrowed
        guard let directory = opened else { throw LaunchFailure(.makeDescriptors, nil, "no working directory") }
        return try LaunchStep.makeDescriptors.run("working directory") { () throws(Errno) in try directory.duplicate() }
    }

    /// Who the server is. A change needs privilege; a private daemon's server is who the daemon is.
    func identity(of user: UserPlan) -> LaunchSpecification.Identity {
        switch user {
        case .session:
            let uid = users?.server ?? UserRange.standard.first
            return LaunchSpecification.Identity(uid: uid, gid: uid, groups: [], isChanged: true)
        case .caller(let uid, let gid, let groups):
            return LaunchSpecification.Identity(uid: uid, gid: gid, groups: groups, isChanged: daemon.custody == .daemon)
        }
    }

    // MARK: Keeper

    private func startKeeper(_ launch: Launch) throws(LaunchFailure) {
        try reach(.startKeeper)
        let control = try LaunchStep.startKeeper.run { () throws(Errno) in try SocketPair(.messages) }
        let lifeline = try LaunchStep.startKeeper.run { () throws(Errno) in try SocketPair(.messages) }
        let theirs = control.second
        launch.channel = KeeperChannel(socket: control.first)
        let keepersEnd = lifeline.first
        let wrapsEnd = lifeline.second
        launch.lifeline = consume wrapsEnd
        if launch.scope == nil { try LaunchStep.startKeeper.run("namespaces") { () throws(Errno) in try PrivateNamespaces.enter() } }
        launch.keeper = try daemon.startKeeper(inScope: launch.scope, control: theirs)
        try reach(.startKeeper)
        try LaunchStep.startKeeper.run { () throws(Errno) in
            // Before anything else can fail: whoever kills the keeper must learn of its death.
            try watchKeeper(launch)
            let keepers = try WorkingDirectory().open(daemon.state.keepers, [.path, .directory])
            let listener = try UnixSocket.listen(named: id, in: keepers, .messages)
            let record = try WorkingDirectory().open(daemon.state.ending(id), [.write, .create, .truncate], mode: 0o600)
            try introduce(launch, keepersEnd, listener, record)
        }
    }

    private func introduce(
        _ launch: Launch, _ lifeline: borrowing OwnedDescriptor, _ listener: borrowing OwnedDescriptor, _ record: borrowing OwnedDescriptor
    ) throws(Errno) {
        let identity = users.map { KeeperChannel.Identity(uid: $0.keeper, gid: $0.keeper) }
        guard let scope = launch.scope else {
            try launch.channel?.introduce(
                id, becoming: identity, cgroups: nil, lifeline: lifeline.borrowed, listener: listener.borrowed, record: record.borrowed)
            return
        }
        let gate = try scope.open(.gate)
        let server = try scope.open(.server)
        let killGate = try scope.openKill(.gate)
        let killServer = try scope.openKill(.server)
        let cgroups = KeeperChannel.Cgroups(
            gate: gate.borrowed, server: server.borrowed, killGate: killGate.borrowed, killServer: killServer.borrowed)
        try launch.channel?.introduce(
            id, becoming: identity, cgroups: cgroups, lifeline: lifeline.borrowed, listener: listener.borrowed, record: record.borrowed)
    }

    private func watchKeeper(_ launch: Launch) throws(Errno) {
        guard let socket = launch.channel?.socket.number, let process = launch.keeper?.pidfd.number else { throw .badMessage }
        try launch.watch(socket) { [weak self] in self?.keeperSpeaks() }
        try launch.watch(process) { [weak self] in self?.keeperEnded() }
    }

    // MARK: Gate

    private func launchGate(_ launch: Launch, _ texts: SessionTexts, _ ends: consuming ServerEnds) throws(LaunchFailure) {
        try reach(.launchGate)
        let program = try LaunchStep.launchGate.run("sandbox-gate") { () throws(Errno) in try daemon.siblings.open("sandbox-gate") }
        let ruleset = try GateConfinement.ruleset(program, host: daemon.host)
        let denialBytes = try openDenials(launch)
        let start = try gateStart(texts, denialBytes)
        let sockets = try LaunchStep.launchGate.run { () throws(Errno) in try SocketPair(.messages) }
        let theirs = sockets.second
        let ours = sockets.first
        launch.gateSocket = consume ours
        let inherited = try gateDescriptors(launch, theirs, start, ends, program)
        let filter = daemon.gateFilter.borrowed
        let descriptors = LaunchSpecification.Descriptors(ruleset: ruleset.borrowed, seccomp: filter, inherited: inherited)
        let specification = LaunchSpecification(
            path: Array("/proc/self/fd/\(inherited.count - 1)".utf8), arguments: [Array("sandbox-gate".utf8)], environment: [],
            identity: gateIdentity, executesOnce: true, dropsBounding: daemon.mayDropBounding, landlockABI: daemon.host.landlockABI)
        try order(.launchGate) { channel throws(Errno) in
            let memory = try specification.write(for: descriptors)
            try channel.launch(.gate, memory, descriptors)
        }
        launch.denials = nil
        try reach(.launchGate)
        let socket = launch.gateSocket?.number ?? -1
        try LaunchStep.launchGate.run { () throws(Errno) in try launch.watch(socket) { [weak self] in self?.gateSpeaks() } }
    }

    private var gateIdentity: LaunchSpecification.Identity {
        guard let users else {
            return LaunchSpecification.Identity(uid: caller.uid, gid: caller.gid, groups: caller.groups, isChanged: false)
        }
        return LaunchSpecification.Identity(uid: users.gate, gid: users.gate, groups: [], isChanged: true)
    }

    /// The ring buffer of the session's programs, which the gate alone keeps; returns the bytes of its data.
    private func openDenials(_ launch: Launch) throws(LaunchFailure) -> Int? {
        guard let programs = launch.programs else { return nil }
        let maps = DenialMaps(pins: programs.pins)
        return try LaunchStep.launchGate.run("ring buffer") { () throws(Errno) in
            let ring = try maps.openRing()
            let bytes = try maps.bytes(of: ring)
            launch.denials = consume ring
            return bytes
        }
    }

    private func gateStart(_ texts: SessionTexts, _ denialBytes: Int?) throws(LaunchFailure) -> OwnedDescriptor {
        let pins = try gatePins()
        guard let commitmentKey else { throw LaunchFailure(.launchGate, nil, "no commitment key") }
        let start = GateStart(
            session: id, server: serverName, tools: proves ? Prober.tools.json : tools.json,
            messages: proves ? MessagesClause().json : messages.json,
            layers: proves ? [] : layers.map { .init(name: $0.name, tools: $0.clauses.tools.json, messages: $0.clauses.messages.json) },
            cwd: serverDirectory?.path ?? request?.value.cwdPath, policyDigest: texts.digest.hex,
            commitmentKey: commitmentKey.hex, isQuiet: request?.value.quiet ?? true,
            isDurable: isDurable, keepsArguments: keepsArguments, denialBytes: denialBytes, approvals: gateApprovals, pins: pins)
        return try LaunchStep.launchGate.run { () throws(Errno) in try SealedMemory.make(name: "gate-start", bytes: start.json.encoded()) }
    }

    private var gateApprovals: GateStart.Approvals {
        let approvers = approvers ?? Approvers(ApprovalsClause(), daemon.custody)
        // The window is that of whoever is served, and that may be another than the caller.
        let hasCallersWindow = served.map { $0.peer.user == caller.uid } ?? true
        return GateStart.Approvals(
            callerDecides: approvers.callerDecides && hasCallersWindow, within: approvers.within, wait: approvers.wait)
    }

    /// In the order of `GateDescriptor`; last the program itself, to be executed by descriptor.
    private func gateDescriptors(
        _ launch: Launch, _ session: borrowing OwnedDescriptor, _ start: borrowing OwnedDescriptor, _ ends: borrowing ServerEnds,
        _ program: borrowing OwnedDescriptor
    ) throws(LaunchFailure) -> [BorrowedDescriptor] {
        guard let spool = launch.spool?.borrowed, let stdin = request?.value.stdin.borrowed, let stdout = request?.value.stdout.borrowed,
            let people = request?.value.stderr.borrowed, let keeper = launch.keeper?.pidfd.borrowed
        else { throw LaunchFailure(.launchGate, nil, "no spool") }
        let denials = launch.denials?.borrowed
        return GateDescriptor.allCases.compactMap { descriptor in
            switch descriptor {
            case .session: session.borrowed
            case .spool: spool
            case .people: people
            case .start: start.borrowed
            case .fromClient: stdin
            case .toClient: stdout
            case .toServer: ends.stdin.borrowed
            case .fromServer: ends.stdout.borrowed
            case .serverErrors: ends.stderr.borrowed
            case .keeper: keeper
            case .denials: denials
            }
        } + [program.borrowed]
    }
}
