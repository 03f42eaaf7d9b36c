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
    var connections: [ObjectIdentifier: ControlConnection] = [:]
    /// The one that a private daemon was started for.
    var primary: ObjectIdentifier?
    var callers = CallerCounts()
    var listener: ControlListener?
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
    /// Goes off when the next of them expires (seconds of the desk's clock).
    var deskTimer: (token: TimerToken, due: Int64)?
    var watchers: [ObjectIdentifier: ApprovalWatcher] = [:]
    /// Over which the log was read; a receipt says by whom.
    var logReaders: Set<ObjectIdentifier> = []
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
    var queue = LaunchQueue()
    /// A signal asked it to end; it does when the last session is closed.
    private(set) var isEnding = false
    /// Set while nothing may be recorded: launches are refused with that reason.
    var logFault: LogError? {
        didSet { if let logFault { unsettledFault = logFault } }
    }
    /// The last of these until what it left undone is done: what is recorded by itself meanwhile does not know of that.
    var unsettledFault: LogError?
    let retentionClock = RetentionClock(realtime: Clock.realtime, boottime: Clock.boottime)
    /// Refusals that the ledger could not be told of, by caller.
    var unrecordedRefusals: [UInt32: Int64] = [:]
    /// Entries of the ledger whose policies are exact now, until the ledger was told or another refusal came.
    var resolvable: Set<String> = []
    /// Sessions that could not be closed in the log when that was looked at last.
    var unclosable = 0
    /// Why retention failed last; told of once.
    var saidRetentionFails: LogError?
    /// What a private daemon has still to look after; nil until it begins.
    var otherLogs: PrivateLogs?

    init(
        state: StateDirectory, custody: HostCustody, layers: LayerDirectory = .host, policies: PolicyDirectory = .host,
        drain: Int = ServiceOptions.defaultDrain, users range: UserRange = .standard,
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
                // No daemon follows a private one.
                case SIGUSR1 where self?.custody == .daemon: self?.leave()
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

    func stopIfDone() {
        if isEnding, sessions.isEmpty { loop.stop() }
        leaveIfQuiet()
    }

    /// Who connects from here on is nobody's to serve, or waits for the next daemon where a service manager keeps the socket.
    func stopListening() { listener = nil }
}
