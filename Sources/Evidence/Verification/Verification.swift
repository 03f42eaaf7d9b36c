import Descriptors

/// One run over a log.
struct Verification: ~Copyable {
    private(set) var report = VerificationReport()
    private let expectation: LogExpectation
    private var hash = SHA256()
    private var edge = MerkleEdge()
    private var sessions = SessionTable()
    /// How many of each kind, by its code.
    private var kinds = [Int](repeating: 0, count: 256)
    /// What is still to be compared with the tree, by ascending size.
    private var due: [(checkpoint: Checkpoint, line: Int?)] = []
    private var dueHead = 0
    /// Up to here the tree was as signed.
    private var goodSize: UInt64 = 0
    private var isTreeGood = true

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
        readKey(directory)
        readCheckpoints(directory)
        readSegments(directory)
        finish()
    }

    private mutating func add(_ problem: Finding.Problem, _ file: String, _ line: Int? = nil) {
        report.add(Finding(problem, file, line))
    }

    // MARK: Key and checkpoints

    private mutating func readKey(_ directory: borrowing OwnedDescriptor) {
        let found = ownKey(directory)
        report.key = expectation.key ?? found
        report.isKeyGiven = expectation.key != nil
        if let expected = expectation.key, let found, found != expected { add(.unexpectedKey(expected: expected), LogFiles.publicKey) }
    }

    private mutating func ownKey(_ directory: borrowing OwnedDescriptor) -> VerifierKey? {
        do {
            guard let bytes = try directory.contents(of: LogFiles.publicKey, limit: 4_096), bytes.last == 0x0A,
                let text = String(validating: bytes.dropLast(), as: UTF8.self), let key = VerifierKey(text: text),
                Array((key.text + "\n").utf8) == bytes
            else {
                add(.malformedKey, LogFiles.publicKey)
                return nil
            }
            return key
        } catch {
            add(.unreadable(error), LogFiles.publicKey)
            return nil
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
            take(checkpoint, entry.line)
        }
        if let known = expectation.checkpoint { take(known, nil) }
        due.sort { $0.checkpoint.size < $1.checkpoint.size }
    }

    private mutating func take(_ checkpoint: Checkpoint, _ line: Int?) {
        if let key = report.key, checkpoint.isSigned(by: key) {
            due.append((checkpoint, line))
        } else {
            add(.badSignature, LogFiles.checkpoints, line)
        }
    }

    // MARK: Receipts

    private mutating func readSegments(_ directory: borrowing OwnedDescriptor) {
        compareRoots()
        do {
            let segments = try directory.open(LogFiles.segments, .directory)
            let names = try Segments(in: segments)
            for name in names.foreign { add(.foreignFile, "\(LogFiles.segments)/\(name)") }
            for first in names.firstNumbers { readSegment(first, segments) }
        } catch {
            add(.unreadable(error), LogFiles.segments)
        }
    }

    private mutating func readSegment(_ first: UInt64, _ segments: borrowing OwnedDescriptor) {
        let name = LogFiles.segment(from: first)
        let path = "\(LogFiles.segments)/\(name)"
        if first != edge.size { add(.segmentStart(expected: edge.size), path) }
        do {
            let file = try segments.open(name)
            try readLines(file, path)
        } catch {
            add(.unreadable(error), path)
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
            judge(try ReceiptLine(bytes), path, number)
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
        report.custodies.insert(line.custody)
        if let place = line.place { for problem in sessions.follow(place) { add(problem, path, number) } }
    }

    /// A log begins by naming its key.
    private mutating func judgeFirst(_ bytes: UnsafeRawBufferPointer, _ path: String, _ number: Int) {
        guard let stated = LogEvent.createdKey(bytes), let key = report.key else { return }
        if !stated.utf8.elementsEqual(key.text.utf8) { add(.unexpectedKey(expected: key), path, number) }
    }

    /// Every checkpoint of the present size; after the first that does not hold, the later ones cannot.
    private mutating func compareRoots() {
        while dueHead < due.count, due[dueHead].checkpoint.size == edge.size {
            compareRoot(due[dueHead].checkpoint, due[dueHead].line)
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
        report.receipts = edge.size
        report.sessions = sessions.count
        for kind in ReceiptKind.allCases where kinds[Int(kind.spoolCode)] > 0 {
            report.receiptsByKind[kind] = kinds[Int(kind.spoolCode)]
        }
        if let last = due.last?.checkpoint, last.size > edge.size {
            add(.truncated(signed: last.size, found: edge.size), LogFiles.segments)
        }
        if let minimum = expectation.minimum, report.signedSize < minimum {
            add(.belowMinimum(minimum: minimum, signed: report.signedSize), LogFiles.checkpoints)
        }
    }
}
