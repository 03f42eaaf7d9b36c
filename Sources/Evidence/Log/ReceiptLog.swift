public import Descriptors
import StrictJSON

/// An append-only log of receipts in a directory: segments of JSON Lines, whose lines are the leaves of a Merkle tree (RFC 9162), and
/// checkpoints that sign its size and root. One process writes it at a time.
///
/// A receipt is `pending` until a checkpoint covers it: only then is a later change of it found by everybody who has the public key.
public final class ReceiptLog {
    public let custody: Custody
    var key: SigningKey
    /// All keys that it was signed with; the last one is `key`.
    public internal(set) var keys: KeyChain
    let receiptsPerSegment: UInt64
    let files: LogDirectory
    var segment: AppendedFile
    var checkpoints: AppendedFile
    var documents = Documents()
    var state: LogState
    /// As the present segment began.
    var snapshot: LogSnapshot
    /// The size of the one that is beside the log; nil when that says nothing of how it is now.
    var keptSnapshot: UInt64?
    var hash = SHA256()
    /// The files that were made when the log was opened are found again by their names; a later segment's name is brought to the disk with it.
    var areNamesDurable = false
    /// For tests: why a step of a removal fails.
    var faultAt: ((RemovalStep) -> Errno?)?
    /// For tests: why a step of keeping a snapshot fails.
    var snapshotFaultAt: ((SnapshotStep) -> Errno?)?
    /// The last checkpoint that was written.
    public internal(set) var lastCheckpoint: Checkpoint?
    /// Where it begins in its file.
    var lastCheckpointOffset: Int
    /// How many receipts were not read when it was opened, since a snapshot told what is to be known of them.
    public let passedOver: UInt64

    /// Opens the log in `path`, or makes one (0700) whose first receipt names the key. What a crash left behind the last whole line is kept
    /// in a file of its own and recorded. `time`: now, nanoseconds since 1970.
    ///
    /// It goes on with that one of `key` and `others` which is its own.
    ///
    /// Errors: `damaged` when what is there is not what was signed; `otherKey` when it has another key. Nothing is changed then.
    public init(
        directory path: String, key: SigningKey, or others: [SigningKey] = [], custody: Custody, receiptsPerSegment: UInt64 = 16_384,
        time: UInt64 = Clock.realtime
    ) throws(LogError) {
        precondition(receiptsPerSegment > 0)
        let files = try LogDirectory.open(path)
        var opening = LogOpening(files, keys: ([key] + others).map(\.verifier))
        try opening.read()
        let keys = opening.keys
        guard let own = ([key] + others).first(where: { $0.verifier == keys.current }) else { throw .otherKey(keys.current) }
        let torn = try opening.cut(files)
        self.custody = custody
        self.key = own
        self.keys = keys
        self.receiptsPerSegment = receiptsPerSegment
        state = opening.state
        snapshot = opening.snapshot
        passedOver = opening.passedOver
        keptSnapshot = opening.passedOver > 0 ? opening.passedOver : nil
        lastCheckpoint = opening.checkpoint
        lastCheckpointOffset = opening.checkpointOffset
        segment = try AppendedFile.open(LogFiles.segment(from: opening.state.segmentStart), in: files.segments)
        checkpoints = try AppendedFile.open(LogFiles.checkpoints, in: files.root)
        self.files = files
        try finishRemovals(opening)
        try finishErasures()
        try recordOpening(torn, time)
        keepSnapshot()
    }

    /// How many receipts the log has: the number that the next one gets.
    public var size: UInt64 { state.size }

    /// Receipts that no checkpoint covers yet.
    public var pending: UInt64 { size - (lastCheckpoint?.size ?? 0) }

    /// An earlier write failed and could not be undone, or the disk did not take it.
    public var isBroken: Bool { segment.isBroken || checkpoints.isBroken }

    /// What verifies this log's checkpoints.
    public var verifier: VerifierKey { key.verifier }

    /// The root of all receipts, pending ones included.
    public func root() -> Digest { state.edge.root(using: &hash) }

    /// The number of the last statement of this session's gate that the log has; 0 when it has none.
    public func lastSpoolNumber(of session: String) -> UInt64 { state.sessions[session].spool }

    private func recordOpening(_ torn: [TornEnd], _ time: UInt64) throws(LogError) {
        var events: [JSONObject] = []
        if size == 0 { events.append(LogEvent.created(key.verifier)) }
        events += torn.map { LogEvent.tornEnd($0) }
        for event in events {
            guard let receipt = try? Receipt(.lifecycle, time: time, facts: nil, body: event) else { continue }
            try append(receipt)
        }
    }
}
