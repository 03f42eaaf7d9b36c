public import Decision
import Evidence
public import MCP
public import Policy
public import SessionProtocol
import StrictJSON

/// All that the gate knows, and what it does with each input. It reads no clock of its own, opens nothing and writes nothing: what is to
/// be done is put into a `GateTurn`.
public struct GateState: ~Copyable {
    var rules: LayeredRules
    var messages: MessageRules
    var allowances = Allowances(sharesDays: true)
    var facts: GateFacts
    /// SHA-256 of what says under which documents a tightened session runs, in hex.
    var under: String?
    /// Ids of the documents that were added while it ran.
    var knownSections: Set<String> = []
    /// Nothing new is let through: the policy was tightened, and the server cannot be held to that.
    var isSuperseded = false
    var tape: JSONTape
    var commitment: HMACSHA256
    var digest: SHA256

    /// Requests of the client that the server has not answered.
    var fromClient: [RequestID: Pending] = [:]
    /// Requests of the server that the client has not answered.
    var fromServer: [RequestID: Pending] = [:]
    /// URIs of resources whose changes a client of the legacy era wants to be told.
    var subscriptions: Set<[UInt8]> = []
    /// What the client of the legacy era can do when it is asked; `initialize` says it.
    var abilities: ClientAbilities = []
    /// Elicitations by URL that were passed on, and whose end was not told.
    var elicitations: Set<[UInt8]> = []
    /// What servers of the modern era asked for within results.
    var rounds = InputRounds()

    /// Batches whose answers are not all there.
    var batches = Batches()
    /// Where the answer that is written now belongs, when that is a batch: set while a member of one is judged, and while a member that was
    /// remembered is answered.
    var slot: BatchSlot?

    /// What the daemon has not answered.
    var requests = DaemonRequests()
    /// Ids of the gate's own questions.
    var minted: MintedIDs
    /// What waits for a person.
    var holds = Holds()
    /// Calls that go on as tasks.
    var tasks = Tasks()
    /// What of the server's waits for a person.
    var heldMessages = HeldMessages()
    /// A person granted whatever the message in the tape asks for: set while it is passed on.
    var isGranted = false
    /// What waits for its part of shared budgets.
    var leases = Leases()
    /// What the server said of its things before.
    var pins: Pins
    /// What the client said at its last `initialize`, and whether it was agreed on.
    var offersForms = false
    var clientTakesForms = false

    /// What the kernel denied and no receipt says yet.
    var untold = UntoldDenials()
    /// When denials were told last.
    var toldAt: UInt64?

    /// How to answer when an id cannot be read: by what was negotiated last.
    var unknownID = UnknownID.absent
    /// What the last `initialize` that was answered with a result led to: only then the server may ask something.
    var agreed: ProtocolVersion?
    var clientHasEnded = false
    var serverHasEnded = false
    /// The server has answered a request of the client.
    var serverHasAnswered = false
    /// It ended before that, and not because the client had.
    public internal(set) var serverEndedUnanswered = false
    /// Why no decision can be recorded; calls are blocked with it.
    public internal(set) var evidenceFault: BlockReason?
    /// Inputs that were blocked and that no record tells of.
    var unrecordedInputs: Int64 = 0
    /// The number of the last record.
    var lastNumber: UInt64 = 0

    /// Says how late it is, in monotonic nanoseconds, where receipts are to say what decisions took; and when this step began, by the same clock.
    private let clock: (() -> UInt64)?
    private var begun: UInt64 = 0

    /// Room that is used again.
    var canonical: [UInt8] = []
    var name: [UInt8] = []

    /// `messages`: by default nothing but calls of tools. `clock`: the one that `now` goes by; without it receipts do not say what decisions took.
    public init(
        rules: LayeredRules, messages: MessageRules = MessageRules(policy: .init()), facts: GateFacts, commitmentKey: [UInt8],
        lastNumber: UInt64 = 0, pins: GateStart.Pins = .off, clock: (() -> UInt64)? = nil
    ) {
        self.clock = clock
        self.rules = rules
        self.messages = messages
        self.pins = Pins(pins)
        self.facts = facts
        self.lastNumber = lastNumber
        tape = JSONTape(whitespace: .spacesOnly)
        commitment = HMACSHA256(key: commitmentKey)
        minted = MintedIDs(key: commitmentKey)
        digest = SHA256()
    }

    /// Nanoseconds since the input of this step was taken up.
    var taken: Int64? { clock.map { clock in Int64(clamping: max(clock(), begun) - begun) } }

    /// How many requests of the client wait for the server.
    public var pendingCount: Int { fromClient.count }

    /// What to do with one line, without its LF. `now`: monotonic nanoseconds.
    public mutating func step(_ side: Side, line: Span<UInt8>, now: UInt64, into turn: inout GateTurn) {
        begun = now
        switch side {
        case .client: stepClient(line, now, &turn)
        case .server: stepServer(line, now, &turn)
        }
    }

    /// What to do with everything that is not a whole line.
    public mutating func step(_ event: GateEvent, now: UInt64, into turn: inout GateTurn) {
        begun = now
        switch event {
        case .tooLong(let side, let beginning): refuseTooLong(side, beginning, now, &turn)
        case .unterminated(let side, let bytes): dropUnterminated(side, bytes.count, &turn)
        case .ended(.client): endClient(&turn)
        case .ended(.server): endServer(now, &turn)
        case .serverInputClosed: endServerInput(now, &turn)
        case .serverError(let line): tellServerError(line, &turn)
        case .denied(let denials, let unreadable): note(denials, unreadable: unreadable, now, &turn)
        case .denialsUnreadable: record(.denial, ["claim": "absent", "count": 0, "ring": "unreadable"], &turn)
        case .daemon(let message): heard(message, now, &turn)
        case .sections(let sections): tighten(sections, now, &turn)
        case .daemonLost: requests.lose(now: now)
        case .due: expire(now, &turn)
        case .denialsDue: tellDenials(now, &turn)
        case .notRecorded(let lastNumber, let fault): withdraw(now, &turn, lastNumber, fault)
        }
    }
}
