import Descriptors

/// Reads a log from its beginning, so that it can be appended to: every leaf is hashed again, and the last checkpoint must hold.
///
/// Behind what is signed, whatever is not whole is a torn end: of what was not synced, a failure of the host's power leaves any part, and zeros for
/// the rest.
struct LogOpening: ~Copyable {
    private let directory: BorrowedDescriptor
    private let segments: BorrowedDescriptor
    /// Whose log it is when it does not say itself.
    private let key: VerifierKey
    private(set) var chain: KeyChain?
    private(set) var state = LogState()
    private(set) var checkpoint: Checkpoint?
    private var checkpointLine = 1
    /// The last segment ends in what is no receipt: its name, and where that begins.
    private(set) var tornSegment: (name: String, offset: Int)?
    private(set) var tornCheckpoints: Int?
    private var hash = SHA256()

    init(_ files: borrowing LogDirectory, key: VerifierKey) {
        directory = files.root.borrowed
        segments = files.segments.borrowed
        self.key = key
    }

    mutating func read() throws(LogError) {
        try readCheckpoints()
        try readSegments()
        guard let checkpoint else { return }
        if state.size < checkpoint.size {
            throw .damaged(Finding(.truncated(signed: checkpoint.size, found: state.size), LogFiles.checkpoints))
        }
    }

    /// Cuts off what a crash left behind the last whole line.
    func cut(_ files: borrowing LogDirectory) throws(LogError) -> [TornEnd] {
        var ends: [TornEnd] = []
        do {
            if let tornSegment { ends.append(try files.setAside(tornSegment.name, in: files.segments, from: tornSegment.offset)) }
            if let tornCheckpoints { ends.append(try files.setAside(LogFiles.checkpoints, in: files.root, from: tornCheckpoints)) }
        } catch {
            throw .system(error)
        }
        return ends
    }

    private mutating func readCheckpoints() throws(LogError) {
        let file: CheckpointFile
        do { file = try CheckpointFile(in: directory) } catch { throw .system(error) }
        tornCheckpoints = file.tornOffset
        var entries = file.entries[...]
        // Each note is synced before the next is begun.
        if tornCheckpoints == nil, let last = entries.last, last.checkpoint == nil {
            tornCheckpoints = last.offset
            entries.removeLast()
        }
        guard let last = entries.last else { return }
        guard let found = last.checkpoint else { throw .damaged(Finding(.malformedCheckpoint, LogFiles.checkpoints, last.line)) }
        checkpoint = found
        checkpointLine = last.line
        try compareRoot()
    }

    private mutating func readSegments() throws(LogError) {
        let names: Segments
        do { names = try Segments(in: segments) } catch { throw .system(error) }
        for (index, first) in names.firstNumbers.enumerated() {
            let name = LogFiles.segment(from: first)
            guard first == state.size else { throw .damaged(Finding(.segmentStart(expected: state.size), name)) }
            state.segmentStart = first
            try readSegment(name, isLast: index == names.firstNumbers.count - 1)
        }
    }

    private mutating func readSegment(_ name: String, isLast: Bool) throws(LogError) {
        let file: OwnedDescriptor
        do { file = try segments.open(name) } catch { throw .system(error) }
        var lines = LineReader()
        var lineNumber = 0
        while true {
            lineNumber += 1
            let item: LineReader.Item
            do { item = try lines.next(from: file) } catch { throw .system(error) }
            switch item {
            case .end: return
            case .tooLong, .torn:
                guard isLast, isBehindSigned else { throw .damaged(Finding(item.isTorn ? .tornLine : .lineTooLong, name, lineNumber)) }
                tornSegment = (name, lines.offset)
                return
            case .line(let bytes):
                let line: ReceiptLine
                do { line = try ReceiptLine(bytes) } catch {
                    guard isLast, isBehindSigned else { throw .damaged(Finding(error.problem, name, lineNumber)) }
                    tornSegment = (name, lines.offset - bytes.count - 1)
                    return
                }
                try take(line, bytes, name, lineNumber)
            }
        }
    }

    /// All that was signed has been read.
    private var isBehindSigned: Bool { state.size >= checkpoint?.size ?? 0 }

    private mutating func take(_ line: ReceiptLine, _ bytes: UnsafeRawBufferPointer, _ name: String, _ lineNumber: Int) throws(LogError) {
        guard line.number == state.size else {
            throw .damaged(Finding(.number(expected: state.size, found: line.number), name, lineNumber))
        }
        if let problem = line.place.flatMap({ state.sessions.follow($0).first }) { throw .damaged(Finding(problem, name, lineNumber)) }
        do throws(Finding.Problem) {
            if state.size == 0 { chain = try LogEvent.createdChain(bytes) ?? KeyChain(key) }
            if let rotation = try LogEvent.rotation(line, bytes) {
                do throws(KeyRotation.Fault) { try chain?.take(rotation, at: state.size, state.edge.root(using: &hash)) } catch {
                    throw .badRotation(error.rawValue)
                }
            }
        } catch {
            throw .damaged(Finding(error, name, lineNumber))
        }
        state.edge.append(MerkleEdge.leaf(bytes, using: &hash), using: &hash)
        try compareRoot()
    }

    private mutating func compareRoot() throws(LogError) {
        guard let checkpoint, checkpoint.size == state.size else { return }
        guard checkpoint.isSigned(by: chain?.current ?? key) else {
            throw .damaged(Finding(.badSignature, LogFiles.checkpoints, checkpointLine))
        }
        if state.edge.root(using: &hash) != checkpoint.root {
            throw .damaged(Finding(.rootMismatch(first: 0, size: checkpoint.size), LogFiles.checkpoints))
        }
    }
}
