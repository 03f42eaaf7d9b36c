import Descriptors
import EventLoop
import Evidence
import MCP
import SessionProtocol

/// Drives a `GateState`: reads both sides, writes the records of each turn, then what they permit.
///
/// A side is read only while nothing waits to be written to the other, so that memory is bounded and nothing is dropped.
final class GateLoop {
    let loop: EventLoop
    var state: GateState
    var spool: SpoolWriter
    var turn = GateTurn()
    /// Decisions outlive a failure of the host's power.
    let isDurable: Bool
    /// So much of the spool the log is known to have.
    var foldedBytes = 0
    /// Where the spool was when the daemon was asked to look last.
    var askedAt = 0

    var clientInput: SharedStream
    var clientOutput: SharedStream
    var peopleOutput: SharedStream
    let serverOutput: BorrowedDescriptor
    let serverErrors: BorrowedDescriptor
    let keeper: BorrowedDescriptor
    /// Nil where there is no daemon to ask, and once its end is closed.
    var session: BorrowedDescriptor?
    /// What it has not taken yet.
    var toDaemon: [GateMessage] = []
    /// When the timer for `state.nextDue` goes off; nil where none is set.
    var wakesAt: UInt64?
    /// Nil where the session has no programs that could deny, or once it is unreadable.
    var denials: RingBuffer?
    /// The server runs: whatever is denied is denied to it.
    var readsDenials = false
    /// A timer is set for denials that wait.
    var awaitsDenials = false
    /// Nil once it is closed.
    var serverInput: OwnedDescriptor?

    var clientLines = LineFramer()
    var serverLines = LineFramer()
    var errorLines = LineFramer(cap: 4_096)
    var toClient = OutputQueue(limit: 1 << 20)
    var toServer = OutputQueue(limit: 1 << 20)
    var people = OutputQueue(limit: 1 << 18)

    var registrations = GateRegistrations()
    var clientIsOpen = true
    var serverIsOpen = true
    /// Lines were left in a framer because the turn had become large.
    var clientHasMore = false
    var serverHasMore = false
    var closesServerInput = false
    /// Nothing more is read; what is queued for the client is written while it takes it.
    var isEnding = false
    var isOver = false
    /// Lines for people that did not fit.
    var unsaid = 0

    /// How long the server may take to finish after the client has ended, and the client to read what is left.
    static let grace: UInt64 = 5_000_000_000
    /// Output of one turn beyond which it is done before more is read.
    static let turnLimit = 1 << 18

    /// Takes the descriptors that the gate was born with. `denials`: with its descriptor's number.
    init(
        state: consuming GateState, spool: consuming SpoolWriter, streams: GateStreams = .inherited, isDurable: Bool = false,
        denials: (ring: RingBuffer, number: Int32)? = nil
    ) throws(Errno) {
        loop = try EventLoop()
        self.isDurable = isDurable
        self.denials = denials?.ring
        self.state = state
        self.spool = spool
        clientInput = SharedStream(streams.fromClient)
        clientOutput = SharedStream(streams.toClient)
        peopleOutput = SharedStream(streams.people)
        serverOutput = BorrowedDescriptor(streams.fromServer)
        serverErrors = BorrowedDescriptor(streams.serverErrors)
        keeper = BorrowedDescriptor(streams.keeper)
        session = streams.session.map(BorrowedDescriptor.init)
        serverInput = OwnedDescriptor(owning: streams.toServer)
        try BorrowedDescriptor(streams.toServer).setNonBlocking()
        try serverOutput.setNonBlocking()
        try serverErrors.setNonBlocking()
        try register()
        if let denials { try watchDenials(denials.number) }
    }

    /// Runs until the session is over.
    func run() throws(Errno) {
        while !isOver { try runTurn(waiting: true) }
        tellLastDenials()
    }

    /// What was denied until now; later ones are the daemon's to read.
    private func tellLastDenials() {
        guard readsDenials else { return }
        recoverRecords()
        drainDenials()
        state.step(.denialsDue, now: loop.now, into: &turn)
        finishTurn()
    }

    /// What is ready now; waits for something when told to.
    func runTurn(waiting: Bool) throws(Errno) {
        let mayPump = (clientHasMore && mayReadClient) || (serverHasMore && mayReadServer)
        if mayPump { pumpLeftOvers() }
        try loop.turn(waiting: waiting && !mayPump)
        finishTurn()
    }

    var mayReadClient: Bool { clientIsOpen && !isEnding && toServer.isEmpty && toClient.isEmpty }
    var mayReadServer: Bool { serverIsOpen && !isEnding && toClient.isEmpty && !toServer.isFull }

    private func pumpLeftOvers() {
        if clientHasMore && mayReadClient { pumpClient() }
        if serverHasMore && mayReadServer { pumpServer() }
    }
}
