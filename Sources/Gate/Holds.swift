import Decision
import MCP
import SessionProtocol

/// The calls that wait for a person, and the questions that were answered with one.
struct Holds {
    /// A call of the modern era that was answered with a question: whoever calls again with the answer may go on, once.
    struct Round {
        let tool: [UInt8]
        let commitment: [UInt8]
        /// Of the request to the daemon, where the hold still is.
        let request: Int64
        /// The number of its receipt.
        let record: UInt64
        /// Monotonic nanoseconds.
        let due: UInt64
    }

    private(set) var waiting: [RequestID: Hold] = [:]
    /// Calls, by the id of the gate's own question about them.
    private var questions: [RequestID: RequestID] = [:]
    /// By approval id.
    private(set) var rounds: [String: Round] = [:]
    /// Of all lines that are kept.
    private var bytes = 0

    /// Bytes of one line that is kept, and of all of them.
    static let lineLimit = 2 * HeldCall.argumentsLimit
    static let bytesLimit = 8 << 20
    static let roundsLimit = 256

    var nextDue: UInt64? { waiting.values.map(\.nextDue).min() }

    func hasRoom(for line: Int) -> Bool { waiting.count < GateRequest.limit && bytes + line <= Self.bytesLimit }

    mutating func add(_ id: RequestID, _ hold: Hold) {
        waiting[id] = hold
        bytes += hold.line.count
    }

    /// It waits no longer.
    mutating func remove(_ id: RequestID) -> Hold? {
        guard let hold = waiting.removeValue(forKey: id) else { return nil }
        bytes -= hold.line.count
        if let question = hold.question?.id { questions[question] = nil }
        return hold
    }

    mutating func renumber(_ id: RequestID, from old: Int64, to new: Int64) {
        guard waiting[id]?.request == old else { return }
        waiting[id]?.request = new
    }

    /// It was judged anew, and waits on.
    mutating func judged(_ id: RequestID, adding additions: Additions?) { waiting[id]?.additions = additions }

    mutating func list(_ id: RequestID, as approval: String, progressDue: UInt64?) {
        waiting[id]?.approval = approval
        waiting[id]?.progressDue = progressDue
    }

    /// One more notice about it; how many there were.
    mutating func tellProgress(_ id: RequestID, now: UInt64) -> Int {
        let count = (waiting[id]?.progress ?? 0) + 1
        waiting[id]?.progress = count
        waiting[id]?.progressDue = now + Hold.progressInterval
        return count
    }

    // MARK: Questions

    mutating func ask(about id: RequestID, as question: RequestID) {
        waiting[id]?.question?.id = question
        questions[question] = id
    }

    func isQuestion(_ id: RequestID) -> Bool { questions[id] != nil }

    /// The call that a question was about; it is answered once.
    mutating func answered(_ question: RequestID) -> RequestID? {
        guard let id = questions.removeValue(forKey: question) else { return nil }
        waiting[id]?.question = nil
        return id
    }

    // MARK: Rounds

    /// False when there are too many already.
    mutating func open(_ round: Round, _ approval: String, now: UInt64) -> Bool {
        rounds = rounds.filter { $0.value.due > now }
        guard rounds.count < Self.roundsLimit || rounds[approval] != nil else { return false }
        rounds[approval] = round
        return true
    }

    /// The round, if it is open and about this call; it is taken once.
    mutating func take(_ approval: String, tool: [UInt8], commitment: [UInt8], now: UInt64) -> Round? {
        guard let round = rounds[approval], round.due > now, round.tool == tool, round.commitment == commitment else { return nil }
        rounds[approval] = nil
        return round
    }
}
