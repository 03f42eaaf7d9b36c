import Evidence
import Policy
import Store

/// What is counted besides what receipts of gates come to.
struct DaemonMetrics: Sendable {
    enum Launched: String, Sendable, Hashable, CaseIterable {
        case released, refused, failed
    }

    private(set) var launches: [Launched: Int64] = [:]
    private(set) var launchDurations = DurationHistogram.standard
    private(set) var refusals: [ReasonCode: Int64] = [:]
    private(set) var violations: Int64 = 0
    /// Of sessions that are over.
    private(set) var past = SpoolTally()
    private(set) var pastLost: Int64 = 0
    private(set) var spent = SpentToday()

    /// Nanoseconds.
    mutating func launched(in duration: UInt64) {
        launches[.released, default: 0] += 1
        launchDurations.add(microseconds: Int64(clamping: duration / 1_000))
    }

    mutating func failed() { launches[.failed, default: 0] += 1 }

    mutating func refused(_ refusal: Refusal) {
        launches[.refused, default: 0] += 1
        for reason in refusal.reasons.all { refusals[reason.code, default: 0] += 1 }
    }

    mutating func violated() { violations += 1 }

    mutating func ended(_ tally: SpoolTally, lost: Int64) {
        past.add(tally)
        pastLost += lost
    }

    mutating func budgetsBeginAnew() { spent.forget() }

    mutating func exhausted(_ budget: DayBudget, on day: Day) { spent.add(budget, on: day) }
}

/// Budgets per day that had not enough left for a call, on the last day on which there were such.
struct SpentToday: Sendable {
    private var day: Day?
    private var budgets: Set<DayBudget> = []

    /// Of more nobody would do anything else.
    static let limit = 10_000

    mutating func add(_ budget: DayBudget, on today: Day) {
        if day != today { budgets = [] }
        day = today
        if budgets.count < Self.limit { budgets.insert(budget) }
    }

    /// They start anew.
    mutating func forget() { budgets = [] }

    func count(on today: Day) -> Int { day == today ? budgets.count : 0 }
}
