public import Descriptors

extension ReceiptLog {
    /// Appends one receipt with one write(2); returns its number.
    @discardableResult
    public func append(_ receipt: Receipt) throws(LogError) -> UInt64 {
        let number = size
        try append([receipt])
        return number
    }

    /// Appends receipts in order, one write(2) per segment. After an error those before it are in the log, none of its segment's piece.
    public func append(_ receipts: [Receipt]) throws(LogError) {
        var rest = receipts[...]
        while !rest.isEmpty {
            try rollIfDue(before: rest[rest.startIndex])
            let room = receiptsPerSegment - (size - state.segmentStart)
            let piece = rest.prefix(Int(min(room, UInt64(rest.count))))
            try write(piece)
            rest = rest.dropFirst(piece.count)
        }
    }

    /// The lines first, then the state: a failed write leaves both as they were.
    private func write(_ receipts: ArraySlice<Receipt>) throws(LogError) {
        if segment.isBroken { throw .broken }
        var batch = LogBatch(after: state, custody: custody)
        for receipt in receipts { batch.add(receipt, state.sessions) }
        do { try segment.append(batch.bytes) } catch { throw .system(error) }
        batch.settle(in: &state, using: &hash)
    }

    /// A new segment begins when the last is full, and on another day when that one can be removed by its age.
    private func rollIfDue(before receipt: Receipt) throws(LogError) {
        let keep = receipt.keep ?? receipt.facts.flatMap { state.sessions[$0.session].keep }
        let isAnotherDay = size > state.segmentStart && state.ages.beginsAnother(at: Timestamp(nanoseconds: receipt.time), keep)
        if isAnotherDay || size - state.segmentStart >= receiptsPerSegment { try roll() }
    }

    /// The last segment is made durable before the next begins, so that only the last one can be torn.
    func roll() throws(LogError) {
        do throws(Errno) {
            try segment.synchronize()
            segment = try AppendedFile(LogFiles.segment(from: size), in: files.segments)
            try files.segments.synchronize()
            state.finished[state.segmentStart] = try FileStamp(of: LogFiles.segment(from: state.segmentStart), in: files.segments)
        } catch {
            throw .system(error)
        }
        state.segmentStart = size
        state.ages.begin(at: size)
        state.sessions.forgetClosed()
        snapshot = LogSnapshot(state: state, keys: keys)
    }

    /// Keeps what lies behind `offset` of a session's spool beside the log, and records that: a frame that was never whole, or what a failure of the
    /// host's power left, or a gate that breaks the rules (`fault`).
    public func keepTorn(
        _ spool: borrowing some Descriptor & ~Copyable, from offset: Int, of facts: SessionFacts, fault: SpoolFault? = nil, time: UInt64
    ) throws(LogError) {
        let end: TornEnd
        do { end = try files.keep(spool, from: offset, as: "\(facts.session).spool") } catch { throw .system(error) }
        guard let receipt = try? Receipt(.lifecycle, time: time, facts: facts, body: LogEvent.tornSpool(end, fault: fault)) else { return }
        try append(receipt)
    }

    /// Signs the log as it is now, durably: receipts first, then the note. Without new receipts the last checkpoint stands.
    @discardableResult
    public func checkpoint() throws(LogError) -> Checkpoint {
        if let lastCheckpoint, lastCheckpoint.size == size { return lastCheckpoint }
        if segment.isBroken || checkpoints.isBroken { throw .broken }
        let made = Checkpoint(size: size, root: root(), key: key)
        do throws(Errno) {
            try documents.synchronize(in: files.root)
            try segment.synchronize()
            if !areNamesDurable { try files.segments.synchronize() }
            let offset = checkpoints.size
            try checkpoints.append(Array(made.text.utf8))
            try checkpoints.synchronize()
            lastCheckpointOffset = offset
            if !areNamesDurable { try files.root.synchronize() }
            areNamesDurable = true
        } catch {
            throw .system(error)
        }
        lastCheckpoint = made
        keepSnapshot()
        return made
    }
}
