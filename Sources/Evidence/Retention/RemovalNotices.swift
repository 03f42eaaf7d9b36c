/// Which removals a log tells of, by where a segment began.
struct RemovalNotices {
    private var notices: [UInt64: [(notice: RemovalNotice.Segment, number: UInt64)]] = [:]

    mutating func add(_ notice: RemovalNotice, number: UInt64) {
        for segment in notice.segments { add(segment, number: number) }
    }

    mutating func add(_ segment: RemovalNotice.Segment, number: UInt64) {
        notices[segment.first, default: []].append((segment, number))
    }

    /// Those about segments that begin at such numbers, in order.
    func about(_ isMeant: (UInt64) -> Bool) -> [(segment: RemovalNotice.Segment, number: UInt64)] {
        notices.filter { isMeant($0.key) }.values.joined().map { ($0.notice, $0.number) }
            .sorted { ($0.number, $0.segment.first) < ($1.number, $1.segment.first) }
    }

    /// They are done.
    mutating func forget(_ firsts: some Sequence<UInt64>) {
        for first in firsts { notices[first] = nil }
    }

    /// Whether a receipt among the first `signed` tells of exactly this removal.
    func tell(of removed: RemovedSegment, signed: UInt64) -> Bool {
        let own = RemovalNotice.Segment(first: removed.first, count: removed.count, digest: removed.digest)
        return (notices[removed.first] ?? []).contains { $0.notice == own && $0.number >= removed.end && $0.number < signed }
    }

    /// Where segments begin of which a signed receipt says that they go.
    func announced(signed: UInt64) -> Set<UInt64> {
        Set(notices.filter { $0.value.contains { $0.number < signed } }.keys)
    }
}
