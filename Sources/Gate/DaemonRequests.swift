import MCP
import SessionProtocol

/// What the gate has asked the daemon and is not yet answered.
struct DaemonRequests {
    /// An open request.
    struct Open {
        let request: GateRequest
        /// Who waits for it.
        let purpose: Purpose
        /// Monotonic nanoseconds after which nobody is there to answer; nil once the daemon has shown that it is.
        var due: UInt64?
    }

    /// Whom an answer concerns; each case is the business of one file of `GateState`.
    enum Purpose {
        /// A call that is held.
        case hold(call: RequestID)
        /// One of the questions of a message of the server that is held.
        case message(HeldMessage.Key, question: Int)
        /// A call that takes more of a shared budget than was leased.
        case lease(call: RequestID)
        /// A definition that was not known.
        case definition(Pins.Definition)
    }

    private(set) var open: [Int64: Open] = [:]
    private var lastNumber: Int64 = 0

    /// Nanoseconds that a daemon which is being replaced may take.
    static let patience: UInt64 = 10_000_000_000

    /// Whether the daemon is there, which is asked for as long as anything is open that it has listed, and so owes no answer soon. Nobody sees the end of
    /// one that hangs, nor of one that was killed: the keeper holds its socket for the next.
    private struct Presence {
        /// Monotonic nanoseconds.
        var nextQuestion: UInt64
        /// After which it is absent; nil while it was not asked.
        var due: UInt64?
    }

    private var presence: Presence?

    /// Nanoseconds between its answer and the next question.
    static let presenceInterval: UInt64 = 1_000_000_000

    var isFull: Bool { !hasRoom(for: 1) }

    func hasRoom(for more: Int) -> Bool { open.count + more <= GateRequest.limit }

    /// When somebody has waited long enough.
    var nextDue: UInt64? { (open.values.map(\.due) + [presence.map { $0.due ?? $0.nextQuestion }]).compactMap(\.self).min() }

    /// What the next request would be known by if it were a lease, under whatever number it is asked again, and up to which all leases are
    /// answered: answers to them come in their order.
    var nextLease: (id: Int64, settled: Int64) {
        let waiting = open.values.compactMap { if case .lease(let lease) = $0.request { lease.id } else { nil } }.min()
        return (lastNumber + 1, (waiting ?? lastNumber + 1) - 1)
    }

    /// INVARIANT: not full.
    mutating func add(_ request: GateRequest, for purpose: Purpose, now: UInt64) -> (number: Int64, message: GateMessage) {
        lastNumber += 1
        open[lastNumber] = Open(request: request, purpose: purpose, due: now + Self.patience)
        return (lastNumber, .request(number: lastNumber, request))
    }

    /// What the answer is about; nil for one that nothing was asked for. It stays open until the last.
    mutating func answered(_ number: Int64, _ answer: DaemonAnswer, now: UInt64) -> Open? {
        guard let request = open[number] else { return nil }
        if answer.isLast {
            _ = close(number)
        } else {
            open[number]?.due = nil
            if presence == nil { presence = Presence(nextQuestion: now + Self.presenceInterval) }
        }
        return request
    }

    /// Whether the daemon is to be asked now.
    mutating func asksPresence(_ now: UInt64) -> Bool {
        guard let asked = presence, asked.due == nil, asked.nextQuestion <= now else { return false }
        presence?.due = now + Self.patience
        return true
    }

    /// It is there.
    mutating func isPresent(now: UInt64) {
        if presence != nil { presence = Presence(nextQuestion: now + Self.presenceInterval) }
    }

    /// Nothing waits for it any more.
    mutating func close(_ number: Int64) -> Open? {
        defer { if !open.values.contains(where: { $0.due == nil }) { presence = nil } }
        return open.removeValue(forKey: number)
    }

    /// Those whose time has passed; they are open no longer.
    mutating func overdue(_ now: UInt64) -> [(number: Int64, request: Open)] {
        let isAbsent = presence?.due.map { $0 <= now } ?? false
        if isAbsent { presence = nil }
        let late = open.filter { $0.value.due.map { $0 <= now } ?? isAbsent }.sorted { $0.key < $1.key }
        for (number, _) in late { open[number] = nil }
        return late.map { ($0.key, $0.value) }
    }

    /// Nobody answers any more, unless another daemon comes.
    mutating func lose(now: UInt64) {
        presence = nil
        for number in Array(open.keys) { open[number]?.due = now + Self.patience }
    }

    /// Asks again whatever is open, in its order and under new numbers: what was said under the old ones may have been read, or not.
    mutating func renumber(now: UInt64) -> [(old: Int64, new: Int64, request: Open)] {
        let all = open.sorted { $0.key < $1.key }
        open.removeAll()
        presence = nil
        return all.map { old, request in
            lastNumber += 1
            open[lastNumber] = Open(request: request.request, purpose: request.purpose, due: now + Self.patience)
            return (old, lastNumber, request)
        }
    }
}
