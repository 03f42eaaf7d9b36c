import Descriptors

/// Retention: whole segments go once every receipt in them is past its session's `keep`, and their roots stay.
extension ReceiptLog {
    /// What one call removed.
    public struct Removal: Hashable, Sendable {
        public let segments: Int
        public let receipts: UInt64
        /// There is more to remove now.
        public let hasMore: Bool
    }

    /// Removes what is due at `now` (nanoseconds since 1970), at most `limit` segments; nil where nothing is.
    ///
    /// INVARIANT: a segment's file goes only when its root is durable and what was kept of its arguments is gone, and a root is written only
    /// when the receipt that says so is durable and signed. What a crash leaves of it is finished by whoever opens the log next.
    public func retain(now: UInt64, limit: Int = 16) throws(LogError) -> Removal? {
        let due = state.ages.due(at: Timestamp(nanoseconds: now))
        if due.isEmpty { return nil }
        // Also what is being written can be past it, when nothing was written for long.
        if due.last == state.segmentStart, size > state.segmentStart { try roll() }
        try checkpoint()
        let reduced = try reduce(Array(due.prefix(limit)))
        let notice = RemovalNotice(reduced.map(\.segment))
        // A body of small numbers and digests, at most `limit` of each, has a canonical form.
        guard let receipt = try? Receipt(.lifecycle, time: now, facts: nil, body: notice.body) else { throw .broken }
        state.notices.add(notice, number: try append(receipt))
        try checkpoint()
        try reach(.told)
        try remove(reduced)
        keepSnapshot()
        return Removal(segments: reduced.count, receipts: notice.receipts, hasMore: due.count > limit)
    }

    /// The steps of a removal between which a test lets the process end.
    enum RemovalStep: CaseIterable {
        /// The receipt is durable and signed.
        case told
        /// The roots are durable.
        case rooted
        /// The first of the files is gone.
        case begun
    }

    private func reach(_ step: RemovalStep) throws(LogError) {
        if let fault = faultAt?(step) { throw .system(fault) }
    }

    private func reduce(_ firsts: [UInt64]) throws(LogError) -> [SegmentReduction.Result] {
        let checkpoints: CheckpointFile
        do { checkpoints = try CheckpointFile(in: files.root) } catch { throw .system(error) }
        let sizes = checkpoints.entries.compactMap { $0.checkpoint?.size }
        var reduced: [SegmentReduction.Result] = []
        for first in firsts { reduced.append(try reduce(first, sizes)) }
        return reduced
    }

    /// Reads a segment for the last time. What is not a receipt where one was is no reason to remove it.
    private func reduce(_ first: UInt64, _ checkpoints: [UInt64]) throws(LogError) -> SegmentReduction.Result {
        let name = LogFiles.segment(from: first)
        let path = "\(LogFiles.segments)/\(name)"
        var reduction = SegmentReduction(from: first, checkpoints: checkpoints)
        var lines = LineReader()
        var number = first
        do throws(Errno) {
            let file = try files.segments.open(name)
            reading: while true {
                switch try lines.next(from: file) {
                case .end: break reading
                case .torn, .tooLong: throw .badMessage
                case .line(let bytes):
                    guard let line = try? ReceiptLine(bytes), line.number == number else { throw .badMessage }
                    reduction.add(line, bytes, keep: line.place.flatMap { state.sessions[$0.session].keep })
                    number += 1
                }
            }
        } catch {
            throw error == .badMessage ? .damaged(Finding(.rootsMismatch(first: first), path)) : .system(error)
        }
        guard number == state.ages.end(ofSegment: first, size: size) else { throw .damaged(Finding(.rootsMismatch(first: first), path)) }
        return reduction.finish { state.sessions[$0].receipts }
    }

    /// Roots first, then the files.
    private func remove(_ reduced: [SegmentReduction.Result]) throws(LogError) {
        var roots: RootsFile
        do { roots = try RootsFile(in: files.root) } catch {
            switch error {
            case .system(let error): throw .system(error)
            case .malformed: throw .damaged(error.finding)
            }
        }
        roots.add(reduced.map(\.segment))
        do { try roots.write(in: files.root) } catch { throw .system(error) }
        settle(reduced)
        try reach(.rooted)
        try removeFiles(reduced)
    }

    /// From here on they are gone, even if their files are not.
    private func settle(_ reduced: [SegmentReduction.Result]) {
        state.settle(reduced)
        snapshot.state.settle(reduced)
        keptSnapshot = nil
    }

    /// What was kept of their arguments first: the names stand in the files.
    private func removeFiles(_ reduced: [SegmentReduction.Result]) throws(LogError) {
        try removeContents(reduced.flatMap(\.contents))
        for segment in reduced.map(\.segment) {
            do throws(Errno) {
                try files.segments.unlink(LogFiles.segment(from: segment.first))
            } catch {
                if error != .noEntry { throw .system(error) }
            }
            try reach(.begun)
        }
        do { try files.segments.synchronize() } catch { throw .system(error) }
    }

    /// What an earlier process began: what has a root goes, and what was told of by a signed receipt gets one. A notice that no longer describes
    /// its segment has no effect; it is told anew.
    func finishRemovals(_ opening: borrowing LogOpening) throws(LogError) {
        if !opening.left.isEmpty {
            let left = try reduce(opening.left)
            settle(left)
            try removeFiles(left)
        }
        let signed = opening.checkpoint?.size ?? 0
        let announced = state.notices.announced(signed: signed)
        let firsts = state.ages.all.filter { !$0.isRemoved && announced.contains($0.first) && $0.first != state.segmentStart }.map(\.first)
        guard !firsts.isEmpty else { return }
        let reduced = try reduce(firsts).filter { state.notices.tell(of: $0.segment, signed: signed) }
        if !reduced.isEmpty { try remove(reduced) }
    }
}

extension LogState {
    /// Segments are removed.
    fileprivate mutating func settle(_ reduced: [SegmentReduction.Result]) {
        let firsts = Set(reduced.map(\.segment.first))
        ages.remove(firsts)
        notices.forget(firsts)
        for first in firsts { finished[first] = nil }
        for (session, number) in reduced.flatMap(\.goneSpools) { sessions.drop(upTo: number, of: session) }
        for session in reduced.flatMap(\.forgotten) { sessions.forget(session) }
    }
}
