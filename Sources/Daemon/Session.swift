import ControlProtocol
import Descriptors
import EventLoop
import Evidence
import Kernel
import KernelPlan
import Policy
import SessionProtocol
import StrictJSON

/// One session, from the call that asks for it to the receipt of its end.
///
/// INVARIANT: whatever happens, `close` is reached: every process of the scope is dead, and scope, pins, uids and home are given back.
final class Session {
    /// What the session waits for. Each has a deadline; past it the launch has failed at `step`.
    enum Phase: Equatable {
        case findingPaths, launchingGate, awaitingGate, testing, launchingServer, launchingProxy, sealing
        case running
        /// The keeper is ending it, or the scope was killed.
        case ending
        case closed

        var step: LaunchStep? {
            switch self {
            case .findingPaths: .findPaths
            case .launchingGate: .launchGate
            case .awaitingGate: .gateReady
            case .testing: .selfTest
            case .launchingServer: .launchServer
            case .launchingProxy: .launchProxy
            case .sealing: .seal
            case .running, .ending, .closed: nil
            }
        }
    }

    /// Nanoseconds that one phase of a launch may take, and an ending.
    static let phaseDeadline: UInt64 = 15_000_000_000

    let id: String
    unowned let daemon: Daemon
    /// Who asked, or the account that root chose.
    let caller: LaunchFacts.Caller
    /// `nil` for a session that an earlier daemon started.
    let peer: PeerCredentials?
    let users: UserPool.Users?
    var isAdopted: Bool { peer == nil }
    let serverName: String
    /// The policy is proven: the prober runs in the server's place.
    let proves: Bool
    /// What its server asks of the kernel is told to the caller.
    let observes: Bool
    /// Whom the service serves that asked for the session; nil where whoever asked is who it is for.
    let served: ObservedClient?
    /// The cgroup of the unit that asked, in which the scope lies; nil: where sandboxd makes scopes.
    let unit: CgroupTree?
    /// The policy is judged, and nothing is started.
    let checks: Bool

    var phase = Phase.findingPaths
    var deadline: TimerToken?
    /// Answered once: with the lifeline, or with what went wrong.
    var connection: ControlConnection?
    var request: HeldRequest?

    var texts: SessionTexts?
    /// What it is held by, until it is written.
    var documents: SessionDocuments?
    /// Nil for an adopted session that no reload has looked at.
    var heldKey: HeldKey?
    /// A reload is on its way through the gate.
    var tightening: Tightening?
    var lastTightening: Int64 = 0
    /// A reload ends it.
    var isDraining = false
    var plan: KernelPlan?
    var tools = ToolsClause()
    var messages = MessagesClause()
    /// Its gate brings decisions to the disk before what they permit is done.
    var isDurable = false
    /// Those that apply, with what was found for them.
    var layers: [Layer] = []
    /// `server.cwd` as it was found; nil where the server starts in the directory that the caller passed.
    var serverDirectory: GrantedPath?
    var facts: SessionFacts
    /// When it was asked for (monotonic nanoseconds).
    let asked = Clock.monotonic
    /// What the programs had no room to tell of when they were last asked.
    var countedLost: Int64 = 0
    /// For people.
    var outline: SessionOutline
    /// Called once it is over.
    var onClose: [() -> Void] = []
    /// Arguments are kept besides its receipts.
    var keepsArguments = false
    /// How long its receipts are kept; nil until the policy is read.
    var keep: Keep?
    var environment: [[UInt8]] = []
    var launch: Launch?
    var search: PathSearch?
    /// The last path that is searched is the script's.
    var asksForScript = false
    /// What is started, once it was found.
    var program: LaunchedProgram?
    /// Reads it while the launch goes on; nil once all is read.
    var fileReader: FileReader?
    /// The server waits armed until what is started was read.
    var armedServer: Int32?
    /// Found once paths are, where the policy is proven.
    var prober: Prober?
    var folder: SpoolFolder?
    /// What its name proxy is to be told; nil where there is none.
    var names: ProxyStart?
    /// Of its name proxy's spool.
    var proxyFolder: SpoolFolder?
    /// The proxy serves the server's door; until then the server waits armed.
    var proxyIsReady = false
    /// How often the proxy asked to fold.
    var proxyFoldsAsked = 0
    /// More of it goes there in the next turn.
    var isFoldedOn = false
    /// How much of the spool the gate knows to be in the log.
    var toldFolded = 0
    /// How often the gate asked to fold.
    var foldsAsked = 0
    /// What its gate commits with; nil in a session that an earlier daemon started, whose key lies where that one kept it.
    var commitmentKey: CommitmentKey?
    /// Who may decide about its calls; `nil` until the policy is read, and in a session whose record does not say.
    var approvers: Approvers?
    /// Who asked, as it was seen then; nil for a session that an earlier daemon started.
    private(set) lazy var observedClient: ObservedClient? = peer.map { ObservedClient($0, connection) }
    private let recordedClient: ClientProcess?
    /// Who started `wrap`.
    var client: ClientProcess? { isAdopted ? recordedClient : (served ?? observedClient)?.starter }
    /// What the gate asked and has no last answer to, by number.
    var gateRequests: [Int64: GateRequest] = [:]
    var lastRequest: Int64 = 0
    /// Day budgets that its rules charge.
    var dayBudgets = SessionBudgets()
    /// What its server's definitions are held to.
    var definitions = SessionDefinitions()
    /// What it took of them last, by request.
    var leases: [Int64: Lease] = [:]
    var lastLease: Int64 = 0
    /// The gate has not heard yet that another daemon answers it.
    var awaitsResumption = false
    /// What the programs had denied when they were last asked.
    var countedBefore: UInt64 = 0
    /// A gate that hides denials is told of once.
    var saidHiding = false
    /// An earlier daemon promised receipts of what Landlock denies; this one does not know the session's domain.
    var wasAudited = false
    /// An earlier daemon left no record of it that this one reads: it is ended. Nobody could say what holds it.
    var isUnknown = false
    /// The host was started anew since: what was not synced may be lost, in part or whole.
    var isOfEarlierBoot = false
    var trials: [TrialResult] = []
    /// The trials came out as planned.
    var isTested = false
    var ending: KeeperEnding?
    /// The server was told to go, and the receipt says so: from here on the session ends, it does not fail.
    var isReleased = false

    init(
        id: String, daemon: Daemon, peer: PeerCredentials, caller: LaunchFacts.Caller, users: UserPool.Users?,
        request: consuming WrapRequest,
        connection: ControlConnection, service: ServedSession? = nil, checks: Bool = false
    ) {
        served = service?.client
        unit = service?.unit
        self.id = id
        self.daemon = daemon
        self.peer = peer
        self.caller = caller
        self.users = users
        proves = request.proves
        observes = request.observes
        self.checks = checks
        serverName = (request.name ?? Self.lastComponent(of: request.path)) + (request.proves ? " (proof)" : "")
        outline = SessionOutline(since: Int64(Clock.realtime / 1_000_000_000))
        // A fresh id is an identifier.
        facts = SessionFacts(session: id)!
        self.request = HeldRequest(request)
        self.connection = connection
        recordedClient = nil
    }

    /// A session that an earlier daemon started.
    init?(adopting record: SessionRecord, facts: SessionFacts, daemon: Daemon) {
        id = record.id
        self.daemon = daemon
        peer = nil
        caller = LaunchFacts.Caller(uid: record.held?.caller ?? 0, gid: 0, groups: [])
        approvers = record.held?.approvers
        dayBudgets = record.budgets
        definitions = record.definitions
        recordedClient = record.held?.client
        served = nil
        unit = nil
        users = record.users
        proves = false
        observes = false
        checks = false
        serverName = record.server
        self.facts = facts
        outline = record.outline ?? SessionOutline(since: 0)
        folder = SpoolFolder(facts)
        if (try? WorkingDirectory().status(of: daemon.state.connectionSpool(record.id))) != nil {
            proxyFolder = SpoolFolder(SpoolOwner.proxy.facts(facts), of: ReceiptKind.ofProxy)
        }
        wasAudited = record.isAudited
        isUnknown = !record.isRead
        isOfEarlierBoot = record.boot.map { $0 != SessionRecord.currentBoot() } ?? false
        launch = Launch(session: id, scope: SessionScope(directory: record.scope), state: daemon.state, loop: daemon.loop)
        launch?.pins = record.pins
        launch?.limits = ServerLimits(directories: record.limits, scope: SessionScope(directory: record.scope))
    }

    private static func lastComponent(of path: String) -> String {
        path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[path.utf8.index(after: $0)...]) } ?? path
    }

    // MARK: Phases

    func enter(_ next: Phase) {
        phase = next
        if let deadline { daemon.loop.cancel(deadline) }
        deadline = nil
        if next.step == nil { daemon.launchIsOver(self) }
        guard next != .running, next != .closed else { return }
        deadline = daemon.loop.after(nanoseconds: Self.phaseDeadline) { [weak self] in self?.deadlinePassed() }
    }

    private func deadlinePassed() {
        deadline = nil
        if let step = phase.step {
            fail(LaunchFailure(step, .timedOut))
        } else if phase == .ending {
            launch?.killScope()
            enter(.ending)
            if let scope = launch?.scope, (try? scope.isPopulated()) != true { close() }
        }
    }

    /// A step of the launch is next.
    func reach(_ step: LaunchStep) throws(LaunchFailure) { try daemon.watch.reached(step) }

    /// The launch did not come off: recorded, answered, torn down.
    func fail(_ failure: LaunchFailure) {
        guard phase != .ending, phase != .closed else { return }
        record(.launch, failure.body.saying(keep))
        daemon.metrics.failed()
        answer(.launchFailed(failure.fault))
        tearDown()
    }

    /// The policy is refused: recorded, answered; nothing was started.
    func refuse(_ refusal: Refusal) {
        guard phase != .ending, phase != .closed else { return }
        keepWhatWasChecked()
        let isRecorded = record(.refusal, refusalBody(refusal).saying(keep))
        daemon.metrics.refused(refusal)
        let asker = connection
        connection = nil
        daemon.recordRefusal(of: self, refusal, receipt: isRecorded ? daemon.lastReceipt : nil) { [checks] recorded in
            asker?.answer(refusal, recorded, checks: checks)
        }
        tearDown()
    }

    /// What was needed for the launch alone: texts, plan, and an environment that may hold secrets.
    func forgetLaunch() {
        texts = nil
        plan = nil
        environment = []
        program = nil
        layers = []
        trials = []
        names = nil
    }

    private func answer(_ error: ControlError) {
        connection?.fail(error)
        connection = nil
    }

    /// The caller went away before it had its answer.
    func callerLeft() {
        connection = nil
        guard phase != .running, phase != .closed else { return }
        end()
    }

    /// Asks the keeper to end the session; whoever does not answer is killed with the scope.
    func end() {
        guard phase != .ending, phase != .closed else { return }
        guard let launch else { return close() }
        enter(.ending)
        launch.end()
        closeUnkept(launch)
    }

    /// Kills what there is, then closes.
    func tearDown() {
        guard let launch else { return close() }
        enter(.ending)
        launch.killScope()
        closeUnkept(launch)
    }

    /// The launch did not come as far as a keeper whose death is watched, and would tell that all is over.
    private func closeUnkept(_ launch: Launch) {
        guard !launch.hearsOfKeepersEnd, !isAdopted else { return }
        if let keeper = launch.keeper.take() { KilledProcess.end(keeper, in: daemon.loop) }
        guard let scope = launch.scope else { return close() }
        awaitEmpty(scope)
    }

    /// Everything is dead: gives back what the session held, and records its end.
    func close() {
        guard phase != .closed else { return }
        dropTightening()
        daemon.leaveDesk(self)
        forgetLeases()
        let hadRun = ending != nil || facts.plan != nil
        enter(.closed)
        let isFolded = daemon.fold(self, isOver: true)
        closeDenials(isFolded: isFolded)
        daemon.landlock?.close(id)
        if hadRun, launch != nil, isFolded { record(.exit, exitBody()) }
        if isFolded { daemon.forgetUnusedKey(of: id) }
        launch?.remove(keepingRecord: !isFolded)
        launch = nil
        Homes.remove(daemon.state.home(id))
        request = nil
        daemon.closed(self)
        for told in onClose { told() }
        onClose = []
    }
}

/// A request that several steps read, until the server has what it asks for.
final class HeldRequest {
    let value: WrapRequest

    init(_ value: consuming WrapRequest) { self.value = value }
}
