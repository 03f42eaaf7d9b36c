/// How old the segments of a log are and how long each is kept, by what its own receipts say: nothing else is asked after a restart.
struct SegmentAges: Sendable, Hashable {
    struct Age: Sendable, Hashable {
        let first: UInt64
        /// The latest time that a receipt states, by the clock of then; microseconds since 1970.
        var seen: UInt64 = 0
        /// The same up to the last receipt that can go: what stays in any case keeps nothing else.
        var latest: UInt64 = 0
        /// The longest that one of its sessions is kept; nil where it has none that says so.
        var keep: Keep?
        /// One of its sessions is not kept for ever.
        var ends = false
        var isRemoved = false

        /// Takes a receipt into account. `keep`: of its session.
        mutating func note(_ time: Timestamp, _ keep: Keep?) {
            seen = max(seen, time.microseconds)
            guard let keep else { return }
            latest = seen
            self.keep = keep.longer(self.keep)
            if keep != .forever { ends = true }
        }
    }

    private(set) var all: [Age]

    /// Ascending.
    init(_ all: [Age] = []) {
        self.all = all
    }

    /// The segment that is being written.
    var open: Age { all.last ?? Age(first: 0) }

    mutating func begin(at first: UInt64) {
        // Nothing was written to the one before: there is none.
        if let last = all.last, last.first == first { all.removeLast() }
        all.append(Age(first: first))
    }

    mutating func note(_ time: Timestamp, _ keep: Keep?) {
        if all.isEmpty { begin(at: 0) }
        all[all.count - 1].note(time, keep)
    }

    mutating func add(_ removed: RemovedSegment) {
        all.append(Age(first: removed.first, seen: removed.latest.microseconds, isRemoved: true))
    }

    mutating func remove(_ firsts: Set<UInt64>) {
        for index in all.indices where firsts.contains(all[index].first) {
            all[index] = Age(first: all[index].first, seen: all[index].seen, isRemoved: true)
        }
    }

    /// Where the segments begin whose receipts are all past the time that they are kept, oldest first.
    ///
    /// A receipt that says it is older than those before it was stated by a clock that had gone back: it counts as being as young as they
    /// are. One from the future holds its own segment until then, and no other.
    func due(at now: Timestamp) -> [UInt64] {
        var due: [UInt64] = []
        var known: UInt64 = 0
        for age in all {
            let latest = max(age.latest, known)
            if age.seen <= now.microseconds { known = max(known, age.seen) }
            guard !age.isRemoved, let keep = age.keep, latest <= now.microseconds else { continue }
            if keep.isOver(after: now.microseconds - latest) { due.append(age.first) }
        }
        return due
    }

    /// Whether a receipt of this time begins a new segment, so that segments can go by their age: it is another day (UTC), and what was written
    /// before, or is now, is not kept for ever. `keep`: of the receipt's session.
    func beginsAnother(at time: Timestamp, _ keep: Keep?) -> Bool {
        guard open.ends || keep != nil && keep != .forever else { return false }
        let (day, last) = (time.microseconds / Self.day, open.seen / Self.day)
        // A little before midnight is told a little after it, too; a clock that was set back by more is another one.
        return day > last || day + 1 < last
    }

    /// The segment that a receipt stands in.
    func segment(of number: UInt64) -> Age? { all.last { $0.first <= number } }

    /// Where a segment of a log of `size` receipts ends.
    func end(ofSegment first: UInt64, size: UInt64) -> UInt64 {
        all.first { $0.first > first }?.first ?? size
    }

    private static let day: UInt64 = 86_400_000_000
}
