/// The calls of the last while, so that in no span of the period's length more than so many are forwarded.
///
/// Exact up to 1,024 calls; beyond, calls that lie closer together than the 1,024th part of the period count as made at the latest of
/// them, so that never more are forwarded, and at most that much later one could have been.
struct CallWindow: Sendable, Hashable {
    private struct Entry: Sendable, Hashable {
        let first: UInt64
        var last: UInt64
        var count: Int
    }

    private let calls: Int
    /// In nanoseconds; `nil` for the whole session.
    private let period: UInt64?
    /// Oldest first.
    private var entries: [Entry] = []
    /// Where the oldest that still counts is.
    private var start = 0
    private var total = 0

    private static let finest = 1_024

    init(calls: Int, period: UInt64?) {
        self.calls = calls
        self.period = period
    }

    /// Whether one more call may be made. `now`: monotonic nanoseconds; a clock that goes back stands still.
    mutating func isOpen(at now: UInt64) -> Bool {
        forget(now)
        return total < calls
    }

    /// Counts one call. INVARIANT: the window is open.
    mutating func count(at now: UInt64) {
        total += 1
        guard let period else { return }
        let now = max(now, entries.last?.last ?? 0)
        let grain = calls <= Self.finest ? 0 : period / UInt64(Self.finest)
        if start < entries.count, let last = entries.last, now - last.first < grain || now == last.last {
            entries[entries.count - 1].last = now
            entries[entries.count - 1].count += 1
        } else {
            entries.append(Entry(first: now, last: now, count: 1))
        }
    }

    /// Takes back the last call that was counted: it was not made.
    mutating func takeBack() {
        guard total > 0 else { return }
        total -= 1
        guard period != nil, start < entries.count else { return }
        entries[entries.count - 1].count -= 1
        if entries[entries.count - 1].count == 0 { entries.removeLast() }
    }

    private mutating func forget(_ now: UInt64) {
        guard let period else { return }
        while start < entries.count, now >= entries[start].last, now - entries[start].last >= period {
            total -= entries[start].count
            start += 1
        }
        guard start > Self.finest else { return }
        entries.removeFirst(start)
        start = 0
    }
}
