import Decision
import MCP
import SessionProtocol

/// The calls that wait for the daemon to reserve what they take of shared budgets.
struct Leases {
    /// A call that is decided, and all that is needed to forward it.
    struct Call {
        let input: Input
        let meta: RequestMeta
        let rule: RuleID
        let additions: Additions?
        /// What it takes, in the order of the request.
        let shared: [Allowances.SharedCharge]
        /// The request, written anew from what was judged.
        let line: [UInt8]
        /// Where its answer belongs in a batch.
        let slot: BatchSlot?
        /// Of the request to the daemon.
        var request: Int64
    }

    private(set) var waiting: [RequestID: Call] = [:]
    /// Of all lines that are kept.
    private var bytes = 0

    private static let bytesLimit = 8 << 20

    func hasRoom(for line: Int) -> Bool { bytes + line <= Self.bytesLimit }

    /// In the order in which they came.
    var inOrder: [RequestID] { waiting.sorted { $0.value.request < $1.value.request }.map(\.key) }

    mutating func add(_ id: RequestID, _ call: Call) {
        waiting[id] = call
        bytes += call.line.count
    }

    mutating func remove(_ id: RequestID) -> Call? {
        guard let call = waiting.removeValue(forKey: id) else { return nil }
        bytes -= call.line.count
        return call
    }

    mutating func renumber(_ id: RequestID, from old: Int64, to new: Int64) {
        guard waiting[id]?.request == old else { return }
        waiting[id]?.request = new
    }
}
