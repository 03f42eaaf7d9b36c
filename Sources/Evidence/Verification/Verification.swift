import Descriptors

/// One run over a log.
struct Verification: ~Copyable {
    var report = VerificationReport()
    private let expectation: LogExpectation
    private var hash = SHA256()
    private var edge = MerkleEdge()
    private var sessions = SessionTable()
    var census = DocumentCensus()
    /// That of the last line, which need not be noted again.
    private var custody: Custody?
    /// How many of each kind, by its code.
    private var kinds = [Int](repeating: 0, count: 256)
    /// What is still to be compared with the tree, by ascending size.
    private var due: [(checkpoint: Checkpoint, line: Int?)] = []
    private var dueHead = 0
    /// Up to here the tree was as signed.
    private var goodSize: UInt64 = 0
    private var isTreeGood = true
    private var chain: KeyChain?
    private var files: PublicKeyFiles?
    private var notices = RemovalNotices()
    private var contents = ContentVerification(log: "")
    private var removed: [(segment: RemovedSegment, line: Int)] = []

    init(_ expectation: LogExpectation) {
        self.expectation = expectation
    }

    mutating func run(_ path: String) {
        let directory: OwnedDescriptor
        do {
            directory = try WorkingDirectory().open(path, .directory)
        } catch {
            return add(.unreadable(error), ".")
        }
        contents = ContentVerification(log: path)
        if expectation.hasContents { contents.begin(in: directory) }
        readKey(directory)
        readCheckpoints(directory)
        readSegments(directory)
        checkDocuments(directory)
        finish()
    }

    mutating func add(_ problem: Finding.Problem, _ file: String, _ line: Int? = nil) {
        report.add(Finding(problem, file, line))
    }

    // MARK: Key and checkpoints

    /// Whose signatures count from the beginning on: the first key that is named beside the log, unless somebody else's is expected.
    private mutating func readKey(_ directory: borrowing OwnedDescriptor) {
        let files = PublicKeyFiles(in: directory)
        self.files = files
        report.isKeyGiven = expectation.key != nil
        if let problem = files.currentProblem { add(problem, LogFiles.publicKey) }
        let expected = expectation.key.flatMap { files.all.contains($0) ? nil : $0 }
        chain = (expected ?? files.earlier.first ?? files.current).map { KeyChain($0) }
    }

    /// The keys that the log's receipts tell of are those beside it, and the expected one is among them.
    private mutating func judgeKeys() {
        report.keys = chain
        report.key = chain?.current
        guard let chain, let files else { return }
        if let finding = files.problem(for: chain) { report.add(finding) }
        for expected in [expectation.key].compactMap({ $0 }) + expectation.otherKeys where !chain.keys.contains(expected) {
            add(.unexpectedKey(expected: expected), LogFiles.publicKey)
        }
    }

    private mutating func readCheckpoints(_ directory: borrowing OwnedDescriptor) {
        let file: CheckpointFile
        do { file = try CheckpointFile(in: directory) } catch { return add(.unreadable(error), LogFiles.checkpoints) }
        if file.tornOffset != nil { add(.tornLine, LogFiles.checkpoints, file.entries.count * Checkpoint.lineCount + 1) }
        report.checkpoints = file.entries.count
        var previous: UInt64 = 0
        for entry in file.entries {
            guard let checkpoint = entry.checkpoint else {
                add(.malformedCheckpoint, LogFiles.checkpoints, entry.line)
                continue
            }
            if checkpoint.size < previous {
                add(.checkpointOrder(previous: previous, found: checkpoint.size), LogFiles.checkpoints, entry.line)
            }
            previous = max(previous, checkpoint.size)
            due.append((checkpoint, entry.line))
        }
        if let known = expectation.checkpoint { due.append((known, nil)) }
        due.sort { $0.checkpoint.size < $1.checkpoint.size }
    }

    /// Whether the key that is the log's at this size signed it.
    private mutating func isSigned(_ checkpoint: Checkpoint, _ line: Int?) -> Bool {
        guard let chain else {
            if case .unknownAlgorithm(let type)? = files?.currentProblem {
                add(.unknownAlgorithm(type), LogFiles.checkpoints, line)
            } else {
                add(.badSignature, LogFiles.checkpoints, line)
            }
            return false
        }
        if checkpoint.isSigned(by: chain.key(ofSize: checkpoint.size)) { return true }
        let isOfAnother = chain.keys.contains { checkpoint.isSigned(by: $0) }
        add(isOfAnother ? .supersededKey(size: checkpoint.size) : .badSignature, LogFiles.checkpoints, line)
        return false
    }

    // MARK: Receipts

    private mutating func readSegments(_ directory: borrowing OwnedDescriptor) {
        compareRoots()
        do {
            let segments = try directory.open(LogFiles.segments, .directory)
            let names = try Segments(in: segments)
            for name in names.foreign { add(.foreignFile, "\(LogFiles.segments)/\(name)") }
            for piece in LogPieces(names.firstNumbers, roots(directory)).all {
                switch piece {
                case .segment(let first, let left): readSegment(first, left, segments)
                case .removed(let segment, let line): pass(segment, line)
                }
            }
        } catch {
            add(.unreadable(error), LogFiles.segments)
        }
    }

    private mutating func roots(_ directory: borrowing OwnedDescriptor) -> RootsFile? {
        do throws(RootsFile.Problem) { return try RootsFile(in: directory) } catch {
            report.add(error.finding)
            return nil
        }
    }

    private mutating func readSegment(_ first: UInt64, _ left: RemovedSegment?, _ segments: borrowing OwnedDescriptor) {
        let name = LogFiles.segment(from: first)
        let path = "\(LogFiles.segments)/\(name)"
        if first != edge.size { add(.segmentStart(expected: edge.size), path) }
        let before = edge
        // What is kept of a segment whose removal was begun may be gone, or in part.
        contents.isPassingOver = left != nil
        do {
            let file = try segments.open(name)
            try readLines(file, path)
        } catch {
            add(.unreadable(error), path)
        }
        // Its removal was begun and is not finished: the file is read, and what will be left of it must be of it.
        if let left, !left.isSame(as: edge, after: before, using: &hash) { add(.rootsMismatch(first: first), LogFiles.roots) }
    }

    /// Passes over a segment that retention removed.
    private mutating func pass(_ segment: RemovedSegment, _ line: Int) {
        if segment.first != edge.size { add(.segmentStart(expected: edge.size), LogFiles.roots, line) }
        var number = line
        for part in segment.parts {
            number += 1
            switch part {
            case .kept(let bytes): bytes.withUnsafeBytes { take($0, LogFiles.roots, number) }
            case .gone(let leaves, let root):
                guard edge.append(root, leaves: leaves, using: &hash) else { return add(.malformedRoots, LogFiles.roots, number) }
                compareRoots()
            }
        }
        for session in segment.sessions { sessions.pass(session) }
        removed.append((segment, line))
        report.removed += segment.gone
        report.removedSegments += 1
    }

    /// Each removal must have been told of, in a receipt that is signed.
    private mutating func judgeRemovals() {
        for (segment, line) in removed where !notices.tell(of: segment, signed: report.signedSize) {
            add(.unrecordedRemoval(first: segment.first), LogFiles.roots, line)
        }
    }

    private mutating func readLines(_ file: borrowing OwnedDescriptor, _ path: String) throws(Errno) {
        var lines = LineReader()
        var number = 0
        while true {
            number += 1
            switch try lines.next(from: file) {
            case .end: return
            case .tooLong: return add(.lineTooLong, path, number)
            case .torn: return add(.tornLine, path, number)
            case .line(let line): take(line, path, number)
            }
        }
    }

    private mutating func take(_ bytes: UnsafeRawBufferPointer, _ path: String, _ number: Int) {
        report.bytes += UInt64(bytes.count + 1)
        do {
            let line = try ReceiptLine(bytes)
            judge(line, path, number)
            judgeRotation(line, bytes, path, number)
            if let notice = RemovalNotice(line, bytes) { notices.add(notice, number: edge.size) }
            if let closed = ClosedSessions(line, bytes) { sessions.close(closed) }
            contents.take(line, bytes, path, number)
        } catch {
            add(error.problem, path, number)
        }
        if edge.size == 0 { judgeFirst(bytes, path, number) }
        if edge.size == expectation.receipt { report.receipt = Array(bytes) }
        edge.append(MerkleEdge.leaf(bytes, using: &hash), using: &hash)
        compareRoots()
    }

    private mutating func judge(_ line: ReceiptLine, _ path: String, _ number: Int) {
        if line.number != edge.size { add(.number(expected: edge.size, found: line.number), path, number) }
        kinds[Int(line.kind.spoolCode)] += 1
        if line.custody != custody { report.custodies.insert(line.custody) }
        custody = line.custody
        census.add(line.documents)
        if let place = line.place { for problem in sessions.follow(place) { add(problem, path, number) } }
    }

    /// From a good exchange on the next key counts.
    private mutating func judgeRotation(_ line: ReceiptLine, _ bytes: UnsafeRawBufferPointer, _ path: String, _ number: Int) {
        do throws(Finding.Problem) {
            guard let rotation = try LogEvent.rotation(line, bytes) else { return }
            do throws(KeyRotation.Fault) { try chain?.take(rotation, at: edge.size, edge.root(using: &hash)) } catch {
                throw .badRotation(error.rawValue)
            }
        } catch {
            add(error, path, number)
        }
    }

    /// A log begins by naming its key.
    private mutating func judgeFirst(_ bytes: UnsafeRawBufferPointer, _ path: String, _ number: Int) {
        guard let stated = LogEvent.createdKey(bytes), let key = chain?.keys.first else { return }
        if !stated.utf8.elementsEqual(key.text.utf8) { add(.unexpectedKey(expected: key), path, number) }
    }

    /// Every checkpoint of the present size; after the first that does not hold, the later ones cannot.
    private mutating func compareRoots() {
        while dueHead < due.count, due[dueHead].checkpoint.size <= edge.size {
            let (checkpoint, line) = due[dueHead]
            if isSigned(checkpoint, line) {
                if checkpoint.size == edge.size {
                    compareRoot(checkpoint, line)
                } else {
                    add(.removedCheckpoint(size: checkpoint.size), LogFiles.checkpoints, line)
                }
            }
            dueHead += 1
        }
    }

    private mutating func compareRoot(_ checkpoint: Checkpoint, _ line: Int?) {
        if edge.root(using: &hash) == checkpoint.root {
            goodSize = checkpoint.size
            report.signedSize = checkpoint.size
            report.signedRoot = checkpoint.root
        } else if line == nil {
            add(.knownCheckpointViolated(size: checkpoint.size), LogFiles.checkpoints)
        } else if isTreeGood {
            isTreeGood = false
            add(.rootMismatch(first: goodSize, size: checkpoint.size), LogFiles.checkpoints, line)
        }
    }

    private mutating func finish() {
        judgeRemovals()
        contents.finish(&report)
        report.receipts = edge.size
        report.sessions = sessions.count
        for kind in ReceiptKind.allCases where kinds[Int(kind.spoolCode)] > 0 {
            report.receiptsByKind[kind] = kinds[Int(kind.spoolCode)]
        }
        judgeKeys()
        // What is left is over more receipts than there are; or over fewer than a segment that is missing begins with.
        var signed: UInt64 = 0
        for (checkpoint, line) in due[dueHead...] where isSigned(checkpoint, line) { signed = max(signed, checkpoint.size) }
        if signed > edge.size { add(.truncated(signed: signed, found: edge.size), LogFiles.segments) }
        if let minimum = expectation.minimum, report.signedSize < minimum {
            add(.belowMinimum(minimum: minimum, signed: report.signedSize), LogFiles.checkpoints)
        }
    }
}
