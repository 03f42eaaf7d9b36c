import ControlProtocol
import Descriptors
import EventLoop
import Evidence
import Glibc
import Kernel
import KernelPlan
import Layers
import Policy
import StrictJSON

/// The daemon: one loop, one log, the sessions. It compiles, probes, builds and records; it reads no byte of MCP.
final class Daemon {
    let loop: EventLoop
    let state: StateDirectory
    let custody: HostCustody
    /// Where the documents lie that tighten what it starts.
    let layers: LayerDirectory
    /// Where policies lie that are root's: sessions of theirs are held to what they say later, too.
    let policies: PolicyDirectory
    /// Seconds that a session has which a reload ends.
    let drain: Int
    /// One after another; the first is under way.
    var reloads: [Reload] = []
    /// Over what the last one read.
    var lastReload: Digest?
    /// Where scopes are made; `nil` without a cgroup of one's own.
    let tree: CgroupTree?
    /// What cgroup2 gives to the scopes below; taken back at the end.
    private var unified: UnifiedControllers?
    /// Where limits are held.
    let controllers: Controllers
    private(set) var host: HostProfile
    /// Canonical, as receipts name it by its digest.
    private(set) var hostDocument: [UInt8]?
    /// What Landlock denies, where the kernel's audit log is on.
    private(set) var landlock: LandlockReader?
    let siblings: Siblings
    let finders: FinderReserve
    /// Of what sessions start.
    let fileDigests: FileDigests
    let log: ReceiptLog
    /// When it was signed last (monotonic nanoseconds).
    var signedAt = Clock.monotonic
    /// Who keeps its checkpoints, too.
    let secondCustody: SecondCustody
    /// Beside the log; else it is handed over at each start.
    let keepsKey: Bool
    let watch: LaunchWatch
    private var connections: [ObjectIdentifier: ControlConnection] = [:]
    /// The one that a private daemon was started for.
    private(set) var primary: ObjectIdentifier?
    private var callers = CallerCounts()
    private var listener: ControlListener?
    /// Every gate is held by the same filter, made once.
    let gateFilter: OwnedDescriptor
    /// What the programs of living sessions ask.
    let sharedMaps = SharedMaps()
    /// What members of have more rights.
    let groups: HostGroups
    /// Seconds since 1970.
    let started = Int64(Clock.realtime / 1_000_000_000)
    var metrics = DaemonMetrics()
    var metricsServer: MetricsServer?
    /// Of sessions that are over.
    var pastDenials = PastDenials()
    /// Calls that wait for a person.
    var desk = ApprovalDesk()
    /// Goes off when the next of them expires (seconds since 1970).
    var deskTimer: (token: TimerToken, due: Int64)?
    var watchers: [ObjectIdentifier: ApprovalWatcher] = [:]
    /// Told of each new one.
    var notifier: Notifier?
    /// What started this daemon, where it wants to hear how it is.
    var serviceManager: ServiceManager?
    /// The service manager knows that it is ready.
    var isTold = false
    /// A signal asked it to end and leave its sessions to the next daemon.
    var leaving = Leaving.no
    /// The socket of a private daemon, where others of its user's processes ask.
    var personalSocket: PersonalSocket?
    let storeKeeper: StoreKeeper
    var sessions: [String: Session] = [:]
    /// Whether anybody ever asked for one.
    var hadSession = false
    var users: UserPool
    var filters = FilterCache()
    private var queue = LaunchQueue()
    /// A signal asked it to end; it does when the last session is closed.
    private(set) var isEnding = false
    /// Set once nothing may be recorded any more: launches are refused with that reason.
    var logFault: LogError?
    let retentionClock = RetentionClock(realtime: Clock.realtime, boottime: Clock.boottime)
    /// Refusals that the ledger could not be told of, by caller.
    var unrecordedRefusals: [UInt32: Int64] = [:]
    /// Why retention failed last; told of once.
    var saidRetentionFails: LogError?
    /// What a private daemon has still to look after; nil until it begins.
    var otherLogs: PrivateLogs?

    init(
        state: StateDirectory, custody: HostCustody, layers: LayerDirectory = .host, policies: PolicyDirectory = .host,
        drain: Int = DaemonMode.defaultDrain, users range: UserRange = .standard,
        journal: String? = nil, groups: HostGroups = .remembered(), scopes: ScopePlace = .own, watch: LaunchWatch = .none
    ) throws(DaemonFailure) {
        self.groups = groups
        self.state = state
        secondCustody = SecondCustody(socket: journal)
        storeKeeper = StoreKeeper(directory: state.store)
        fileDigests = FileDigests(path: state.fileDigests)
        self.watch = watch
        self.custody = custody
        self.layers = layers
        self.policies = policies
        self.drain = drain
        let undelegated: String
        do throws(Errno) { (tree, undelegated) = try Self.place(custody, scopes) } catch {
            if case .other(let name) = scopes { throw .scopes(name, error) }
            throw .start(error)
        }
        do throws(Errno) {
            try state.make(forOthers: custody == .daemon)
            if custody == .daemon { try state.mountBPF() }
            unified = tree.map { UnifiedControllers.enable(in: $0) }
            controllers = tree == nil ? Controllers() : try Controllers.find(enabled: unified, canUseLegacy: custody == .daemon)
            siblings = try Siblings()
            loop = try EventLoop()
            finders = FinderReserve(siblings, loop)
        } catch {
            throw .start(error)
        }
        do throws(Errno) { users = UserPool(range, from: custody == .daemon ? try state.users.read() : nil) } catch {
            throw .users(state.users.path, error)
        }
        do throws(LaunchFailure) { gateFilter = try SeccompFilter.make(.gate) } catch { throw .gateFilter(error) }
        var seen = HostProbe.observe(
            custody: custody, tree: tree, controllers: controllers, undelegated: undelegated,
            bpffs: custody == .daemon ? state.bpffs : nil, state: state.durable)
        let auditLog = Self.joinAudit(&seen)
        host = seen
        hostDocument = try? seen.json.canonical()
        let keySource = try LogKeySource.of(custody)
        keepsKey = keySource.isKept
        do { log = try keySource.open(state.evidence, custody == .daemon ? .daemon : .user) } catch { throw .log(error) }
        landlock = auditLog.map { LandlockReader(self, $0) }
        if custody == .daemon { storeKeeper.prepare() }
    }

    /// Only where it was seen to tell of a denial.
    private static func joinAudit(_ host: inout HostProfile) -> AuditLog? {
        guard host.has(.auditLog) else { return nil }
        do throws(Errno) { return try AuditLog() } catch {
            host.observations[.auditLog] = .absent("\(error.name) when joined")
            return nil
        }
    }

    /// What Landlock denies is not told any more; no session is promised it from here on.
    func losesAudit(_ why: String) {
        host.observations[.auditLog] = .absent(why)
        hostDocument = try? host.json.canonical()
        record(.lifecycle, ["error": .string(why), "event": "audit-unread"], nil)
    }

    /// Keeps what was observed of the host, for the receipts of a session that begins; returns its digest.
    func keepHost() throws(LaunchFailure) -> Digest {
        guard let hostDocument else { throw LaunchFailure(.recordLaunch, nil, "the host profile has no canonical form") }
        return try keep(hostDocument)
    }

    /// Where scopes are made: for root where it says, else in a cgroup that was given away; and why there is none.
    private static func place(_ custody: HostCustody, _ scopes: ScopePlace) throws(Errno) -> (CgroupTree?, String) {
        switch custody {
        case .daemon: return (try scopes.tree(), "")
        case .user:
            switch Delegation.ask() {
            case .given(let tree): return (tree, "")
            case .none(let why): return (nil, why)
            }
        }
    }

    /// Where this daemon makes a session's scope; `nil`: its keeper is the first process of a PID namespace instead.
    var scopes: CgroupTree? { custody == .daemon || host.has(.delegatedCgroup) ? tree : nil }

    /// Emptying the bounding set takes a privilege that a private daemon's keeper has not; no_new_privs leaves nothing to be gained from it.
    var mayDropBounding: Bool { custody == .daemon }

    // MARK: Running

    /// All that end it; SIGUSR1 leaves its sessions.
    static let signals = [SIGTERM, SIGINT, SIGHUP, SIGUSR1]

    /// Serves until a signal ends it, then until the last session is closed.
    func run() throws(DaemonFailure) {
        do throws(Errno) {
            EventLoop.ignoreBrokenPipes()
            try loop.handleSignals(Self.signals) { [weak self] notice in
                switch notice.signal {
                case SIGUSR1: self?.leave()
                case SIGHUP where self?.custody == .daemon: self?.reloadBySignal()
                case _: self?.end()
                }
            }
            try landlock?.begin()
            foldLater()
            beginRetention()
            finders.fill()
            record(.lifecycle, ["event": "started", "version": .string(ControlInterface.productVersion)], nil)
            tellReadiness()
            try loop.run()
        } catch {
            throw .start(error)
        }
        metricsServer?.close()
        landlock?.finish()
        if leaving != .no, !isEnding {
            handOver()
        } else {
            record(.lifecycle, ["event": "stopped"], nil)
            checkpoint()
        }
        retainOthersAtEnd()
        if custody == .daemon { state.unmountBPF() }
        if sessions.isEmpty { unified?.giveBack() }
    }

    /// Ends all sessions, then the loop.
    func end() {
        guard !isEnding else { return }
        isEnding = true
        serviceManager?.tell(.stopping)
        listener = nil
        finders.drop()
        for session in sessions.values { session.end() }
        stopIfDone()
    }

    private func stopIfDone() {
        if isEnding, sessions.isEmpty { loop.stop() }
        leaveIfQuiet()
    }

    /// Who connects from here on is nobody's to serve, or waits for the next daemon where a service manager keeps the socket.
    func stopListening() { listener = nil }

    // MARK: Connections

    /// Serves everybody who connects at `path`.
    func listen(at path: String) throws(DaemonFailure) {
        listener = try ControlListener(
            at: path, in: loop, count: { [weak self] in self?.connections.count ?? 0 }, serve: { [weak self] socket in self?.adopt(socket) }
        )
    }

    /// Serves everybody who connects to a socket that listens already.
    func listen(on socket: consuming OwnedDescriptor) throws(DaemonFailure) {
        do throws(Errno) {
            listener = try ControlListener(
                socket, in: loop, count: { [weak self] in self?.connections.count ?? 0 },
                serve: { [weak self] socket in self?.adopt(socket) })
        } catch {
            throw .start(error)
        }
    }

    /// Serves one connected socket; closes it when its user has enough of them. A private daemon ends with the one that `isPrimary`.
    func adopt(_ socket: consuming OwnedDescriptor, isPrimary: Bool = false) {
        guard let user = try? socket.peerCredentials().user, callers.mayConnect(user) else { return }
        let connection = try? ControlConnection(
            socket, in: loop,
            admit: { [weak self] connection throws(ControlError) in
                guard let self else { throw .notPermitted(problem: "the daemon has ended") }
                return try peer(of: connection)
            },
            onCall: { [weak self] connection, peer, call in self?.answer(connection, peer, call) },
            mayHold: { [weak self] before, now in self?.callers.holds(user, before: before, now: now) ?? false },
            onEnd: { [weak self] connection, _ in self?.connectionEnded(connection, of: user) })
        guard let connection else { return }
        if isPrimary { primary = ObjectIdentifier(connection) }
        connections[ObjectIdentifier(connection)] = connection
        callers.connected(user)
    }

    var connectionCount: Int { connections.count }

    private func connectionEnded(_ connection: ControlConnection, of user: UInt32) {
        connections[ObjectIdentifier(connection)] = nil
        callers.left(user)
        watchers[ObjectIdentifier(connection)] = nil
        for session in sessions.values where session.connection === connection { session.callerLeft() }
        if primary == ObjectIdentifier(connection) { end() }
    }

    private func answer(_ connection: ControlConnection, _ credentials: PeerCredentials, _ call: consuming ControlCall) {
        guard let method = ControlInterface.Method(rawValue: call.method) else { return connection.fail(.methodNotFound(call.method)) }
        let peer: Peer
        do throws(ControlError) { peer = try Peer(credentials, asking: method, custody, groups) } catch { return connection.fail(error) }
        switch method {
        case .hostProfile: connection.reply(HostProfileReply(profile: host, custody: custody, starters: starters).encode())
        case .wrap: wrap(connection, call, peer)
        case .check: check(connection, call, peer)
        case .describeLog: describeLog(connection, call)
        case .status: describeStatus(connection, call, peer)
        case .listSessions, .showSession, .killSession: answerSessions(connection, method, call, peer)
        case .listApprovals, .showApproval, .approve, .deny, .watchApprovals: answerApprovals(connection, method, call, peer)
        case .listBudgets: listBudgets(connection, call, peer)
        case .rotateKey: rotateKey(connection, call)
        case .reload: reload(connection, call, peer)
        case .resetBudgets: resetBudgets(connection, call, peer)
        case .eraseContent: eraseContent(connection, call, peer)
        case .listPins: listPins(connection, call, peer)
        case .showPin, .acceptPin, .rejectPin: answerPin(connection, method, call, peer)
        case .listRefusals: listRefusals(connection, call, peer)
        case .showRefusal: showRefusal(connection, call, peer)
        case .noteRefusal: noteRefusal(connection, call, peer)
        case .closeRefusal: closeRefusal(connection, call, peer)
        }
    }

    // MARK: Sessions

    private func wrap(_ connection: ControlConnection, _ call: consuming ControlCall, _ peer: Peer) {
        do throws(ControlError) {
            try requireReadiness(for: connection)
            let request = try WrapRequest(call)
            let caller = try caller(peer, as: request.user)
            let service = try request.serves ? ServedSession(request, connection, peer.credentials, tree) : nil
            try begin(connection, request, peer.credentials, caller, service)
        } catch {
            if case .refused(let refusal, entry: _) = error { metrics.refused(refusal) }
            connection.fail(error)
        }
    }

    /// For what becomes a session, or is judged as if it would.
    func requireReadiness(for connection: ControlConnection) throws(ControlError) {
        guard !isEnding, leaving != .draining, logFault == nil else {
            throw .launchFailed(LaunchFailure(.recordLaunch, nil, logFault.map(Self.words) ?? "the daemon is ending").fault)
        }
        guard custody == .daemon || primary == ObjectIdentifier(connection) else {
            throw .notPermitted(problem: "a private daemon runs the session that it was started for")
        }
    }

    private func takeUsers() throws(ControlError) -> UserPool.Users? {
        guard custody == .daemon else { return nil }
        do throws(LaunchFailure) {
            try watch.reached(.takeUsers)
            let taken = try LaunchStep.takeUsers.run(state.users.path) { () throws(Errno) in
                try users.take { mark throws(Errno) in try state.users.write(mark) }
            }
            guard let taken else { throw LaunchFailure(.takeUsers, nil, "all uids of \(users.range.first)-\(users.range.last) are taken") }
            return taken
        } catch {
            throw notLaunched(error)
        }
    }

    /// It did not come as far as a session.
    private func notLaunched(_ failure: LaunchFailure) -> ControlError {
        record(.launch, failure.body, nil)
        metrics.failed()
        return .launchFailed(failure.fault)
    }

    func begin(
        _ connection: ControlConnection, _ request: consuming WrapRequest, _ peer: PeerCredentials, _ caller: LaunchFacts.Caller,
        _ service: ServedSession? = nil, checks: Bool = false
    ) throws(ControlError) {
        let held = sessions.values.count { $0.peer?.user == peer.user }
        guard custody == .user || CallerCounts.mayHave(sessions: held, peer.user) else {
            throw notLaunched(LaunchFailure(.takeUsers, nil, "this user has \(held) sessions already"))
        }
        let users = try takeUsers()
        let id = Hex.encode(SecureRandom.bytes(8))
        let session = Session(
            id: id, daemon: self, peer: peer, caller: caller, users: users, request: request, connection: connection, service: service,
            checks: checks)
        sessions[id] = session
        if !checks {
            hadSession = true
            tellStatus()
            landlock?.ask()
            personalSocket?.open(id, self)
        }
        if queue.enter(id) { session.begin() }
    }

    /// Whatever came of it: whoever waits may begin, though not within a step of another.
    func launchIsOver(_ session: Session) {
        queue.leave(session.id)
        leaveIfQuiet()
        // A private daemon has one session.
        if custody == .daemon { _ = loop.after(nanoseconds: Self.refillDelay) { [weak self] in self?.fillReserve() } }
        for id in queue.next() { _ = loop.after(nanoseconds: 0) { [weak self] in self?.sessions[id]?.begin() } }
    }

    /// Nanoseconds after a launch, so that the next one's path finder does not start while this one's server answers for the first time.
    private static let refillDelay: UInt64 = 20_000_000

    private func fillReserve() {
        if !isEnding { finders.fill() }
    }

    /// Who asks. Over the one connection of a private daemon it is known.
    private func peer(of connection: ControlConnection) throws(ControlError) -> PeerCredentials {
        guard custody == .user else { return try ControlPeer.identify(connection) }
        guard primary == ObjectIdentifier(connection) else { return try ControlPeer.identifySameUser(connection) }
        guard let peer = try? connection.peerCredentials() else { throw .notPermitted(problem: "the peer cannot be identified") }
        return peer
    }

    /// The caller, or the account that root chose with `--user`.
    func caller(_ peer: Peer, as user: String?) throws(ControlError) -> LaunchFacts.Caller {
        guard let user else {
            return LaunchFacts.Caller(uid: peer.user, gid: peer.credentials.group, groups: peer.credentials.groups)
        }
        guard peer.reach == .all else {
            throw .refused(Refusal(Reason(.badUser, ["user": user, "problem": "only root may choose"])))
        }
        guard let account = Account(named: user) else {
            throw .refused(Refusal(Reason(.badUser, ["user": user, "problem": "there is no such user"])))
        }
        guard account.uid != 0 else { throw .refused(Refusal(Reason(.rootTarget, ["user": user]))) }
        return account.caller
    }

    /// A session gave everything back.
    func closed(_ session: Session) {
        sessions[session.id] = nil
        metrics.ended(session.folder?.carried ?? SpoolTally(), lost: session.countedLost)
        pastDenials.add(session.denialSummaries, of: session.caller.uid)
        if let used = session.users { users.give(back: used) }
        checkpoint()
        stopIfDone()
        tellStatus()
        tellReadiness()
    }

    // MARK: Programs

    /// Starts a keeper, born into its leaf, with its control socket on descriptor 3.
    func startKeeper(inScope scope: SessionScope?, control: borrowing OwnedDescriptor) throws(LaunchFailure) -> StartedProcess {
        let program = try LaunchStep.startKeeper.run("sandbox-keeper") { () throws(Errno) in try siblings.open("sandbox-keeper") }
        let null = try LaunchStep.startKeeper.run("/dev/null") { () throws(Errno) in try WorkingDirectory().open("/dev/null", .readWrite) }
        let specification = LaunchSpecification(
            path: Array("/proc/self/fd/4".utf8), arguments: [Array("sandbox-keeper".utf8)], environment: [],
            identity: .own, waitsForGo: false, keepsPrivilege: true, dropsBounding: false, openFiles: LaunchSpecification.serverOpenFiles)
        let descriptors = LaunchSpecification.Descriptors(
            inherited: [null.borrowed, null.borrowed, null.borrowed, control.borrowed, program.borrowed])
        var leaf: OwnedDescriptor?
        if let scope { leaf = try LaunchStep.startKeeper.run { () throws(Errno) in try scope.open(.keeper) } }
        do throws(StartFailure) {
            return try StartedProcess.start(specification, descriptors, cgroup: leaf?.borrowed)
        } catch {
            throw LaunchFailure(.startKeeper, error.error, ChildStep.name(error.step))
        }
    }
}
