import Descriptors

/// Reads a log so that it can be appended to, from its last snapshot on where that holds, else from the beginning: every leaf is hashed again, and the
/// last checkpoint must hold.
///
/// Behind what is signed, whatever is not whole is a torn end: of what was not synced, a failure of the host's power leaves any part, and zeros for
/// the rest.
struct LogOpening: ~Copyable {
    private let directory: BorrowedDescriptor
    private let segments: BorrowedDescriptor
    /// Whose log it may be; the first one's when it does not say itself.
    private let own: [VerifierKey]
    private var chain: KeyChain?
    private(set) var state = LogState()
    /// As the last segment began.
    private(set) var snapshot: LogSnapshot
    /// How many receipts a snapshot stands for.
    private(set) var passedOver: UInt64 = 0
    private(set) var checkpoint: Checkpoint?
    private(set) var checkpointOffset = 0
    private var checkpointLine = 1
    /// The segment read last: finished, if another one follows.
    private var previous: (first: UInt64, stamp: FileStamp)?
    /// The last segment ends in what is no receipt: its name, and where that begins.
    private(set) var tornSegment: (name: String, offset: Int)?
    private(set) var tornCheckpoints: Int?
    /// Segments that have a root already: their removal was begun.
    private(set) var left: [UInt64] = []
    private var hash = SHA256()

    /// `keys`: never empty.
    init(_ files: borrowing LogDirectory, keys: [VerifierKey]) {
        self.init(files.root.borrowed, files.segments.borrowed, keys)
    }

    private init(_ directory: BorrowedDescriptor, _ segments: BorrowedDescriptor, _ own: [VerifierKey]) {
        self.directory = directory
        self.segments = segments
        self.own = own
        snapshot = LogSnapshot(keys: KeyChain(own[0]))
    }

    /// All keys that the log tells of.
    var keys: KeyChain { chain ?? KeyChain(own[0]) }

    mutating func read() throws(LogError) {
        if let found = SnapshotReader.read(in: directory) {
            if readOn(from: found) { return }
            self = LogOpening(directory, segments, own)
        }
        try readEverything()
    }

    mutating func readEverything() throws(LogError) {
        try readCheckpoints(from: 0)
        try readSegments()
        try requireSigned()
    }

    /// Something that was signed is not there.
    private func requireSigned() throws(LogError) {
        guard let checkpoint, state.size < checkpoint.size else { return }
        throw .damaged(Finding(.truncated(signed: checkpoint.size, found: state.size), LogFiles.checkpoints))
    }

    /// Reads what follows a snapshot; false when that does not go together, whatever the reason: then nothing was said of the log.
    private mutating func readOn(from found: SnapshotReader.Found) -> Bool {
        state = found.file.snapshot.state
        chain = found.file.snapshot.keys
        snapshot = found.file.snapshot
        passedOver = state.size
        do throws(LogError) {
            try readCheckpoints(from: found.file.checkpoint)
            guard let checkpoint, checkpoint.size >= passedOver, try readSegments(after: found.file) else { return false }
            try requireSigned()
        } catch {
            return false
        }
        // Who can make a key can make a chain of keys: what counts is that it ends in ours. And a key that was exchanged says nothing any more.
        return own.contains(keys.current) && found.isSigned(by: keys.current)
    }

    /// False unless what lies before the snapshot's place is what lay there then.
    private mutating func readSegments(after file: SnapshotFile) throws(LogError) -> Bool {
        let names: [UInt64]
        do throws(Errno) {
            names = try Segments(in: segments).firstNumbers
            guard try FileStamp(of: LogFiles.roots, in: directory) == file.roots, try isUntouched(names.prefix { $0 < passedOver }) else {
                return false
            }
        } catch {
            throw .system(error)
        }
        for first in names where first >= passedOver { try readSegment(first, nil, isLast: first == names.last) }
        return true
    }

    /// Whether these are the segments that were finished, as they were then.
    private func isUntouched(_ finished: ArraySlice<UInt64>) throws(Errno) -> Bool {
        guard finished.count == state.finished.count else { return false }
        for first in finished {
            guard let known = state.finished[first], try FileStamp(of: LogFiles.segment(from: first), in: segments) == known else {
                return false
            }
        }
        return true
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

    private mutating func readCheckpoints(from offset: Int) throws(LogError) {
        let file: CheckpointFile
        do { file = try CheckpointFile(in: directory, from: offset) } catch { throw .system(error) }
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
        checkpointOffset = last.offset
        checkpointLine = last.line
        try compareRoot()
    }

    private mutating func readSegments() throws(LogError) {
        let roots: RootsFile
        do { roots = try RootsFile(in: directory) } catch {
            switch error {
            case .system(let error): throw .system(error)
            case .malformed: throw .damaged(error.finding)
            }
        }
        let names: Segments
        do { names = try Segments(in: segments) } catch { throw .system(error) }
        let pieces = LogPieces(names.firstNumbers, roots).all
        for (index, piece) in pieces.enumerated() {
            switch piece {
            case .segment(let first, let left): try readSegment(first, left, isLast: index == pieces.count - 1)
            case .removed(let removed, let line): try take(removed, line)
            }
        }
    }

    private mutating func readSegment(_ first: UInt64, _ left: RemovedSegment?, isLast: Bool) throws(LogError) {
        let name = LogFiles.segment(from: first)
        guard first == state.size else { throw .damaged(Finding(.segmentStart(expected: state.size), name)) }
        let before = state.edge
        begin(first)
        try readSegment(name, isLast: isLast)
        guard let left else { return }
        guard left.isSame(as: state.edge, after: before, using: &hash) else {
            throw .damaged(Finding(.rootsMismatch(first: first), LogFiles.roots))
        }
        self.left.append(first)
    }

    private mutating func begin(_ first: UInt64) {
        if let previous { state.finished[previous.first] = previous.stamp }
        previous = nil
        state.segmentStart = first
        state.ages.begin(at: first)
        state.sessions.forgetClosed()
        snapshot = LogSnapshot(state: state, keys: keys)
    }

    /// Passes over a segment that retention removed.
    private mutating func take(_ removed: RemovedSegment, _ line: Int) throws(LogError) {
        guard removed.first == state.size else { throw .damaged(Finding(.segmentStart(expected: state.size), LogFiles.roots, line)) }
        var number = line
        for part in removed.parts {
            number += 1
            switch part {
            case .kept(let bytes):
                try bytes.withUnsafeBufferPointer { bytes throws(LogError) in
                    try takeKept(UnsafeRawBufferPointer(bytes), number)
                }
            case .gone(let leaves, let root):
                guard state.edge.append(root, leaves: leaves, using: &hash) else {
                    throw .damaged(Finding(.malformedRoots, LogFiles.roots, number))
                }
                try compareRoot()
            }
        }
        for session in removed.sessions { state.sessions.pass(session) }
        state.ages.add(removed)
        if let previous { state.finished[previous.first] = previous.stamp }
        previous = nil
        state.segmentStart = state.size
    }

    private mutating func takeKept(_ bytes: UnsafeRawBufferPointer, _ number: Int) throws(LogError) {
        let line: ReceiptLine
        do { line = try ReceiptLine(bytes) } catch { throw .damaged(Finding(error.problem, LogFiles.roots, number)) }
        try take(line, bytes, LogFiles.roots, number)
    }

    private mutating func readSegment(_ name: String, isLast: Bool) throws(LogError) {
        let file: OwnedDescriptor
        do { file = try segments.open(name) } catch { throw .system(error) }
        do { previous = (state.size, FileStamp(try file.status())) } catch { throw .system(error) }
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
            if state.size == 0 { chain = try LogEvent.createdChain(bytes) ?? KeyChain(own[0]) }
            if let rotation = try LogEvent.rotation(line, bytes) {
                do throws(KeyRotation.Fault) { try chain?.take(rotation, at: state.size, state.edge.root(using: &hash)) } catch {
                    throw .badRotation(error.rawValue)
                }
            }
        } catch {
            throw .damaged(Finding(error, name, lineNumber))
        }
        if let notice = RemovalNotice(line, bytes) { state.notices.add(notice, number: line.number) }
        if let closed = ClosedSessions(line, bytes) { state.sessions.close(closed) }
        if let notice = ErasureNotice(line, bytes) { state.erased[notice.name] = line.number }
        if let keep = Keep(line, bytes), let session = line.place?.session { state.sessions.set(keep, of: session) }
        if name != LogFiles.roots { note(line, bytes) }
        state.edge.append(MerkleEdge.leaf(bytes, using: &hash), using: &hash)
        try compareRoot()
    }

    /// The age of a segment that is there.
    private mutating func note(_ line: ReceiptLine, _ bytes: UnsafeRawBufferPointer) {
        guard let time = Timestamp(ofLine: bytes) else { return }
        state.ages.note(time, line.place.flatMap { state.sessions[$0.session].keep })
    }

    private mutating func compareRoot() throws(LogError) {
        guard let checkpoint, checkpoint.size == state.size else { return }
        guard checkpoint.isSigned(by: keys.current) else {
            throw .damaged(Finding(.badSignature, LogFiles.checkpoints, checkpointLine))
        }
        if state.edge.root(using: &hash) != checkpoint.root {
            throw .damaged(Finding(.rootMismatch(first: 0, size: checkpoint.size), LogFiles.checkpoints))
        }
    }
}
