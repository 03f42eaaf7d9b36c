import MCP
import StrictJSON

/// Who may have caused what the kernel denied: the requests that were in flight.
struct Suspects: Hashable {
    /// Calls, by the numbers of their decisions, in that order.
    let calls: [UInt64]
    /// The methods of other requests.
    let others: [String]

    /// Those that were with the server at that time (monotonic nanoseconds) and are not answered yet.
    /// A task that may still run is with it, too; who asks after one asks for nothing else.
    init(_ pending: [RequestID: Pending], _ tasks: Tasks, at time: UInt64) {
        // A client that listens for changes asks for nothing to be done.
        let inFlight = pending.values.filter {
            $0.since <= time && $0.method != .listen && !($0.task.map(tasks.isRunning) ?? false)
        }
        calls = (inFlight.compactMap(\.decision) + tasks.running(at: time)).sorted()
        others = inFlight.filter { $0.decision == nil }.map(\.method.rawValue).sorted()
    }

    init(all: [Suspects]) {
        calls = Set(all.flatMap(\.calls)).sorted()
        others = Set(all.flatMap(\.others)).sorted()
    }

    /// The decision of the only call, where nothing else was in flight.
    var onlyCall: UInt64? { calls.count == 1 && others.isEmpty ? calls[0] : nil }

    /// The name of the rule by which the only call is held to be the cause.
    static let rule = "only call in flight"

    /// So many are listed in a receipt; how many there are is always said.
    private static let listed = 16

    /// Adds what a receipt says of them.
    func describe(in members: inout JSONObject) {
        members["attribution"] = calls.isEmpty ? "none" : onlyCall != nil ? "inferred" : "several"
        if onlyCall != nil { members["rule"] = .string(Self.rule) }
        members["calls"] = .array(calls.prefix(Self.listed).map { JSON(Int64(clamping: $0)) })
        if calls.count > Self.listed { members["callsInFlight"] = JSON(calls.count) }
        if !others.isEmpty { members["requests"] = .array(others.prefix(Self.listed).map(JSON.string)) }
    }
}
