/// Which removals a log tells of, by where a segment began.
struct RemovalNotices {
    private var notices: [UInt64: [(notice: RemovalNotice.Segment, number: UInt64)]] = [:]

    mutating func add(_ notice: RemovalNotice, number: UInt64) {
        for segment in notice.segments { notices[segment.first, default: []].append((segment, number)) }
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
