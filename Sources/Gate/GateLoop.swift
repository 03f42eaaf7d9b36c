import Descriptors
import Evidence
import EventLoop
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

    var clientInput = SharedStream(GateDescriptor.fromClient.rawValue)
    var clientOutput = SharedStream(GateDescriptor.toClient.rawValue)
    var peopleOutput = SharedStream(GateDescriptor.people.rawValue)
    let serverOutput = BorrowedDescriptor(GateDescriptor.fromServer.rawValue)
    let serverErrors = BorrowedDescriptor(GateDescriptor.serverErrors.rawValue)
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

    init(state: consuming GateState, spool: consuming SpoolWriter) throws(Errno) {
        loop = try EventLoop()
        self.state = state
        self.spool = spool
        serverInput = OwnedDescriptor(owning: GateDescriptor.toServer.rawValue)
        try BorrowedDescriptor(GateDescriptor.toServer.rawValue).setNonBlocking()
        try serverOutput.setNonBlocking()
        try serverErrors.setNonBlocking()
    }

    /// Runs until the session is over.
    func run() throws(Errno) {
        try register()
        while !isOver {
            let mayPump = (clientHasMore && mayReadClient) || (serverHasMore && mayReadServer)
            if mayPump { pumpLeftOvers() }
            try loop.turn(waiting: !mayPump)
            finishTurn()
        }
    }

    var mayReadClient: Bool { clientIsOpen && !isEnding && toServer.isEmpty && toClient.isEmpty }
    var mayReadServer: Bool { serverIsOpen && !isEnding && toClient.isEmpty && !toServer.isFull }

    private func pumpLeftOvers() {
        if clientHasMore && mayReadClient { pumpClient() }
        if serverHasMore && mayReadServer { pumpServer() }
    }
}
