/// Makes what is left of a segment from its lines, one after another.
struct SegmentReduction: ~Copyable {
    private let first: UInt64
    /// After so many leaves of the tree a checkpoint stands: no subtree reaches over one, so that each of them can be held against the tree
    /// for ever.
    private let cuts: Set<UInt64>
    private var position: UInt64
    private var latest: UInt64 = 0
    private var parts: [RemovedSegment.Part] = []
    /// Subtrees of the present run of receipts that go, largest first.
    private var run: [(leaves: UInt64, root: Digest)] = []
    private var sessions: [String: Tally] = [:]
    private var contents: [ContentName] = []
    private var hash = SHA256()

    struct Result {
        let segment: RemovedSegment
        /// Sessions that began and ended here: nothing of them is left to be known.
        let forgotten: [String]
        /// What was kept of the arguments of what goes.
        let contents: [ContentName]
        /// The last statement of each session's gate that goes.
        let goneSpools: [(session: String, number: UInt64)]
    }

    private struct Tally {
        var removed: RemovedSegment.Session
        let firstNumber: UInt64
        var lastNumber: UInt64
        var lastSpool: UInt64 = 0
        var hasEnded = false
    }

    init(from first: UInt64, checkpoints: [UInt64]) {
        self.first = first
        position = first
        cuts = Set(checkpoints)
    }

    /// Takes the next line of the segment. `keep`: of its session; a receipt that none is known of stays.
    mutating func add(_ line: ReceiptLine, _ bytes: UnsafeRawBufferPointer, keep: Keep?) {
        latest = max(latest, Timestamp(ofLine: bytes)?.microseconds ?? 0)
        if let place = line.place, let keep {
            push(MerkleEdge.leaf(bytes, using: &hash))
            tally(place, line.kind, keep)
            if let number = place.spoolNumber, KeptContent.code(line, bytes) != nil {
                contents.append(ContentName(session: place.session, number: number))
            }
        } else {
            flush()
            parts.append(.kept(line: Array(bytes)))
        }
        position += 1
        if cuts.contains(position) { flush() }
    }

    private mutating func push(_ leaf: Digest) {
        var (leaves, root, start) = (UInt64(1), leaf, position)
        while let left = run.last, left.leaves == leaves, (start - leaves) % (2 * leaves) == 0 {
            root = MerkleEdge.node(left.root, root, using: &hash)
            start -= leaves
            leaves *= 2
            run.removeLast()
        }
        run.append((leaves, root))
    }

    private mutating func flush() {
        parts += run.map { .gone(leaves: $0.leaves, root: $0.root) }
        run = []
    }

    private mutating func tally(_ place: SessionPlace, _ kind: ReceiptKind, _ keep: Keep) {
        let none = RemovedSegment.Session(name: place.session, receipts: 0, spool: 0, keep: keep)
        var own = sessions[place.session] ?? Tally(removed: none, firstNumber: place.number, lastNumber: place.number)
        own.removed.receipts += 1
        if let number = place.spoolNumber {
            own.removed.spool += 1
            own.lastSpool = number
        }
        own.lastNumber = place.number
        if kind == .exit { own.hasEnded = true }
        sessions[place.session] = own
    }

    /// `total`: how many receipts of a session the log has had.
    consuming func finish(total: (_ session: String) -> UInt64) -> Result {
        flush()
        let all = sessions.values.sorted { $0.removed.name < $1.removed.name }
        let isOver = all.map { $0.firstNumber == 1 && $0.hasEnded && total($0.removed.name) == $0.lastNumber }
        let segment = RemovedSegment(
            first: first, count: position - first, latest: Timestamp(microseconds: latest), parts: parts,
            sessions: zip(all, isOver).filter { !$0.1 }.map(\.0.removed))
        return Result(
            segment: segment, forgotten: zip(all, isOver).filter(\.1).map(\.0.removed.name), contents: contents,
            goneSpools: all.filter { $0.lastSpool > 0 }.map { ($0.removed.name, $0.lastSpool) })
    }
}
