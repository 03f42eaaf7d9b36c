import Decision
import MCP
public import SessionProtocol

/// What one turn of the loop is to do, in this order: append the records, then write to server, client and people.
///
/// INVARIANT: nothing of a turn leaves the gate before its records are in the spool.
public struct GateTurn {
    /// Lines for the server.
    public internal(set) var toServer: [UInt8] = []
    /// Lines for the client.
    public internal(set) var toClient: [UInt8] = []
    /// Lines for whoever reads stderr.
    public internal(set) var people: [UInt8] = []
    /// What is asked of the daemon, once the records are written.
    public internal(set) var toDaemon: [GateMessage] = []
    /// Bodies of the records, one after another.
    public internal(set) var recordBytes: [UInt8] = []
    public internal(set) var records: [GateRecord] = []
    /// What must not leave when the records cannot be written.
    var guarded: [Guarded] = []
    /// Denials that the records tell of.
    var told = UntoldDenials()
    /// No more will be written to the server.
    public internal(set) var closesServerInput = false
    /// The session is over once all this is done.
    public internal(set) var isLast = false
    /// Lines of the server that were dropped in this turn.
    var droppedFromServer = 0

    /// A forwarded line that depends on a record.
    struct Guarded {
        /// Nil of a notification.
        let id: RequestID?
        let era: Era
        let method: Method
        /// Who sent the request.
        var asker = Side.client
        /// Who it is written to.
        let to: Side
        var range: Range<Int>
        /// Where it lies instead, when it is an answer within a batch; of a forwarded call, where its answer belongs.
        var slot: BatchSlot?
        /// Of a call, what it spent of limits and budgets.
        var spending: Allowances.Spending?
        /// The request by which more was reserved.
        var lease: Int64?
    }

    public init() {}

    /// Makes room for the next turn.
    public mutating func clear() {
        toServer.removeAll(keepingCapacity: toServer.capacity <= Self.usual)
        toClient.removeAll(keepingCapacity: toClient.capacity <= Self.usual)
        people.removeAll(keepingCapacity: true)
        toDaemon.removeAll(keepingCapacity: true)
        recordBytes.removeAll(keepingCapacity: true)
        records.removeAll(keepingCapacity: true)
        guarded.removeAll(keepingCapacity: true)
        _ = told.take()
        closesServerInput = false
        isLast = false
        droppedFromServer = 0
    }

    private static let usual = 1 << 18

    /// Its records say more than what came of earlier decisions.
    var decides: Bool { records.contains { $0.kind != .outcome } }

    /// Bytes for a side.
    func count(to side: Side) -> Int { side == .client ? toClient.count : toServer.count }

    /// Takes back the line that begins at `start`, without its end.
    mutating func takeLine(to side: Side, from start: Int) -> ArraySlice<UInt8> {
        switch side {
        case .client:
            defer { toClient.removeSubrange(start...) }
            return ArraySlice(Array(toClient[start...].dropLast()))
        case .server:
            defer { toServer.removeSubrange(start...) }
            return ArraySlice(Array(toServer[start...].dropLast()))
        }
    }

    /// What guarded the line that began at `start` guards its place in a batch.
    mutating func moveGuard(to side: Side, from start: Int, into slot: BatchSlot) {
        guard let last = guarded.indices.last, guarded[last].to == side, guarded[last].range.lowerBound >= start else { return }
        guarded[last].range = start..<start
        guarded[last].slot = slot
    }
}
