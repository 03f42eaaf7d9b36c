/// Lines that are about to be written, and what the log's state will be once they are.
struct LogBatch {
    private(set) var bytes: [UInt8] = []
    private var ends: [Int] = []
    private var places: [String: SessionTable.Counts] = [:]
    private var ages: [(time: Timestamp, keep: Keep?)] = []
    private let start: UInt64
    private let custody: Custody

    init(after state: LogState, custody: Custody) {
        start = state.size
        self.custody = custody
    }

    /// `sessions`: as they were before the first one. They are not kept here: a second owner would have all of them copied when they change.
    mutating func add(_ receipt: Receipt, _ sessions: SessionTable) {
        let number = start + UInt64(ends.count)
        bytes += receipt.line(number: number, sessionNumber: receipt.facts.map { place(receipt, $0.session, sessions) }, custody: custody)
        ends.append(bytes.count)
        bytes.append(0x0A)
        ages.append((Timestamp(nanoseconds: receipt.time), receipt.facts.flatMap { places[$0.session]?.keep }))
    }

    private mutating func place(_ receipt: Receipt, _ session: String, _ sessions: SessionTable) -> UInt64 {
        var counts = places[session] ?? sessions[session]
        counts.receipts += 1
        if let spoolNumber = receipt.spoolNumber { counts.spool = spoolNumber }
        if let keep = receipt.keep { counts.keep = keep }
        places[session] = counts
        return counts.receipts
    }

    func settle(in state: inout LogState, using hash: inout SHA256) {
        bytes.withUnsafeBytes { all in
            var head = 0
            for end in ends {
                state.edge.append(MerkleEdge.leaf(UnsafeRawBufferPointer(rebasing: all[head..<end]), using: &hash), using: &hash)
                head = end + 1
            }
        }
        for (session, counts) in places { state.sessions.set(session, counts) }
        for (time, keep) in ages { state.ages.note(time, keep) }
    }
}
