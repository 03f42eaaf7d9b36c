public import Descriptors
public import StrictJSON

/// Carries one session's spool into the log, each frame exactly once: the log itself knows which of the session's frames it has, so that a
/// folder that begins anew (after a crash) skips those.
public struct SpoolFolder: ~Copyable {
    /// How far a call came.
    public enum Progress: Hashable, Sendable {
        /// All whole frames are in the log.
        case caughtUp
        /// There is more: the limit of one call was reached.
        case more
        /// All whole frames are in the log; behind them lies the beginning of one. With the gate gone it is torn and will never be whole.
        case torn(bytes: Int)
    }

    public let facts: SessionFacts
    /// What may be stated there.
    private let kinds: Set<ReceiptKind>
    private var reader = SpoolReader()
    /// What the gate told of the kernel's denials, from the beginning of the spool on.
    public private(set) var denials = DenialTally()
    /// What it carried into the log, and what it found there, come to.
    public private(set) var carried = SpoolTally()
    private var found = SpoolTally()
    /// INVARIANT: nothing behind a fault is ever read.
    private var fault: SpoolFault?

    public init(_ facts: SessionFacts, of kinds: Set<ReceiptKind> = ReceiptKind.ofGate) {
        self.facts = facts
        self.kinds = kinds
    }

    /// How many bytes of the spool are in the log.
    public var offset: Int { reader.offset }

    /// Appends at most `limit` further frames to the log.
    public mutating func fold(
        _ spool: borrowing some Descriptor & ~Copyable, into log: ReceiptLog, limit: Int = 4_096
    ) throws(FoldError) -> Progress {
        if let fault { throw .violation(fault) }
        defer { reader.rest() }
        let before = (offset: reader.offset, number: reader.lastNumber, denials: denials, carried: carried, found: found)
        var receipts: [Receipt] = []
        let outcome = Result { () throws(FoldError) in try collect(spool, log, limit, &receipts) }
        do throws(LogError) {
            try log.append(receipts)
        } catch {
            reader = SpoolReader(offset: before.offset, lastNumber: before.number)
            denials = before.denials
            carried = before.carried
            found = before.found
            throw .log(error)
        }
        if case .failure(.violation(let found)) = outcome { fault = found }
        return try outcome.get()
    }

    private mutating func collect(
        _ spool: borrowing some Descriptor & ~Copyable, _ log: ReceiptLog, _ limit: Int, _ receipts: inout [Receipt]
    ) throws(FoldError) -> Progress {
        let known = log.lastSpoolNumber(of: facts.session)
        while receipts.count < limit {
            switch try next(spool) {
            case .end: return .caughtUp
            case .torn(let bytes): return .torn(bytes: bytes)
            case .fault(let fault): throw .violation(fault)
            case .frame(let frame):
                let body = frame.object
                let receipt = frame.number > known ? try receipt(frame, body) : nil
                do throws(FoldError) { try keepContent(of: frame, in: log) } catch {
                    // What came before it is in order; this one comes again.
                    reader = SpoolReader(offset: frame.range.lowerBound, lastNumber: frame.number - 1)
                    throw error
                }
                denials.take(frame)
                if let receipt { receipts.append(receipt) }
                if let body { count(frame, body, isNew: receipt != nil) }
            }
        }
        return .more
    }

    /// Before its receipt is in the log, so that none is there without it; again when the spool is read again, since a content is not on the disk
    /// before the spool's end.
    private func keepContent(of frame: SpoolFrame, in log: ReceiptLog) throws(FoldError) {
        guard let content = frame.content else { return }
        do throws(LogError) { try log.keep(content, ContentName(session: facts.session, number: frame.number)) } catch { throw .log(error) }
    }

    private mutating func next(_ spool: borrowing some Descriptor & ~Copyable) throws(FoldError) -> SpoolReader.Item {
        do { return try reader.next(from: spool) } catch { throw .spool(error) }
    }

    /// What the whole session comes to.
    public var tally: SpoolTally {
        var all = found
        all.add(carried)
        return all
    }

    /// What the daemon itself records of the session.
    public mutating func count(_ kind: ReceiptKind, _ body: JSONObject, time: UInt64) { carried.take(kind, body, time: time) }

    private mutating func count(_ frame: SpoolFrame, _ body: JSONObject, isNew: Bool) {
        if isNew { carried.take(frame.kind, body, time: frame.time) } else { found.take(frame.kind, body, time: frame.time) }
    }

    private func receipt(_ frame: SpoolFrame, _ body: JSONObject?) throws(FoldError) -> Receipt {
        guard kinds.contains(frame.kind) else {
            throw .violation(.foreignKind(offset: frame.range.lowerBound, code: UInt32(frame.kind.spoolCode)))
        }
        guard let body, let receipt = Receipt(frame, body, facts: facts) else {
            throw .violation(.body(offset: frame.range.lowerBound, number: frame.number))
        }
        return receipt
    }
}
