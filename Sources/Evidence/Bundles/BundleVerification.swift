import Descriptors
import StrictJSON

/// One run over a bundle's file, line by line.
struct BundleVerification: ~Copyable {
    /// What may come next.
    private enum Section: Int {
        case header, documents, tree, end
    }

    private(set) var report = VerificationReport()
    private let expectation: LogExpectation
    private let file: String
    private var line = 0
    private var section = Section.header
    private var header: BundleHeader?
    /// The log's keys, as its receipts tell of them.
    private var chain: KeyChain?
    private var hash = SHA256()
    /// Over all lines so far.
    private var whole = SHA256()
    private var edge = MerkleEdge()
    /// Every line had its place in the tree.
    private var isTreeWhole = true
    private var lastNode: BundleNode?
    private var sessions = BundleSessions()
    /// Receipts that retention removed, as receipts of the bundle say.
    private var removed: UInt64 = 0
    private var kinds = [Int](repeating: 0, count: 256)
    private var census = DocumentCensus()
    private var documents: Set<Digest> = []
    private var lastDocument: String?
    /// The checkpoint that was kept elsewhere was met on the way.
    private var isKnownMet = false

    init(_ file: String, _ expectation: LogExpectation) {
        self.file = file
        self.expectation = expectation
    }

    mutating func run(_ path: String) {
        do throws(Errno) {
            let file = try WorkingDirectory().open(path, [.read, .nonBlocking])
            guard try file.status().isRegularFile else { throw .invalid }
            try readLines(file)
        } catch {
            return add(.unreadable(error))
        }
        finish()
    }

    private mutating func add(_ problem: Finding.Problem) { report.add(Finding(problem, file, line == 0 ? nil : line)) }

    private mutating func readLines(_ file: borrowing OwnedDescriptor) throws(Errno) {
        var lines = LineReader(limit: BundleFormat.longestLine)
        while true {
            let item = try lines.next(from: file)
            if case .end = item { return }
            line += 1
            switch item {
            case .end: return
            case .tooLong: return add(.lineTooLong)
            case .torn: return add(.tornLine)
            case .line(let bytes):
                take(bytes)
                // Without a header nothing else can be judged.
                if header == nil { return }
            }
        }
    }

    private mutating func take(_ bytes: UnsafeRawBufferPointer) {
        report.bytes += UInt64(bytes.count + 1)
        do throws(LineError) { try judge(bytes) } catch { add(error.problem) }
        whole.update(bytes)
        withUnsafeBytes(of: UInt8(0x0A)) { whole.update($0) }
    }

    private mutating func judge(_ bytes: UnsafeRawBufferPointer) throws(LineError) {
        if section == .header { return try takeHeader(bytes) }
        guard let kind = BundleFormat.Line(bytes) else {
            isTreeWhole = false
            throw LineError(Self.problem(ofUnknown: bytes))
        }
        guard kind == .document || bytes.count <= LineReader.limit else { throw LineError(.lineTooLong) }
        switch kind {
        case .header: throw LineError(.misplacedLine)
        case .document:
            guard section == .documents else { throw LineError(.misplacedLine) }
            try takeDocument(bytes)
        case .receipt:
            try enter(.tree)
            try takeReceipt(bytes)
        case .node:
            try enter(.tree)
            try takeNode(Array(bytes))
        case .end:
            try enter(.end)
            try takeEnd(Array(bytes))
        }
    }

    private mutating func enter(_ next: Section) throws(LineError) {
        guard section != .end else { throw LineError(.misplacedLine) }
        section = next
    }

    /// A line that begins as none of ours.
    private static func problem(ofUnknown bytes: UnsafeRawBufferPointer) -> Finding.Problem {
        do { _ = try JSON(parsing: Array(bytes.prefix(LineReader.limit + 1))) } catch { return .notJSON(error) }
        return .unknownLine
    }

    // MARK: Lines

    private mutating func takeHeader(_ bytes: UnsafeRawBufferPointer) throws(LineError) {
        guard bytes.count <= LineReader.limit else { throw LineError(.lineTooLong) }
        let header = try BundleHeader(Array(bytes))
        self.header = header
        section = .documents
        report.checkpoints = 1
        report.claims = BundleClaims(header.filter)
        report.isKeyGiven = expectation.key != nil
        chain = KeyChain(header.keys[0])
    }

    private mutating func takeDocument(_ bytes: UnsafeRawBufferPointer) throws(LineError) {
        let head = BundleFormat.Line.document.beginning.utf8.count
        let end = Array(",\"\(BundleFormat.digest)\":\"".utf8)
        let tail = end.count + 2 * Digest.size + 2
        guard bytes.count > head + tail, bytes.suffix(tail).starts(with: end), bytes.suffix(2).elementsEqual("\"}".utf8) else {
            throw LineError(.invalidMember(BundleFormat.digest))
        }
        let name = String(decoding: bytes.suffix(2 + 2 * Digest.size).dropLast(2), as: UTF8.self)
        guard let digest = Digest(hex: name) else { throw LineError(.invalidMember(BundleFormat.digest)) }
        let content = Array(bytes[head..<(bytes.count - tail)])
        guard SHA256.digest(content) == digest else { throw LineError(.documentMismatch) }
        try Self.judgeDocument(content)
        if let lastDocument, name <= lastDocument { throw LineError(.documentOrder) }
        guard documents.count < BundleFormat.mostDocuments else { throw LineError(.invalidMember(BundleFormat.counts)) }
        lastDocument = name
        documents.insert(digest)
        report.documents += 1
    }

    private static func judgeDocument(_ content: [UInt8]) throws(LineError) {
        let json: JSON
        do { json = try JSON(parsing: content, limits: JSONLimits(members: Documents.limit, bytes: Documents.limit)) } catch {
            throw LineError(.notJSON(error))
        }
        guard let canonical = try? json.canonical(), canonical == content else { throw LineError(.notCanonical) }
    }

    private mutating func takeReceipt(_ bytes: UnsafeRawBufferPointer) throws(LineError) {
        lastNode = nil
        let place = edge.size
        let receipt = try? ReceiptLine(bytes)
        if let receipt { judgeRotation(receipt, bytes) }
        // Also what is no receipt has its place.
        edge.append(MerkleEdge.leaf(bytes, using: &hash), using: &hash)
        compareKnown()
        report.receipts += 1
        if place == expectation.receipt { report.receipt = Array(bytes) }
        guard let receipt else {
            _ = try ReceiptLine(bytes)
            return
        }
        kinds[Int(receipt.kind.spoolCode)] += 1
        report.custodies.insert(receipt.custody)
        census.add(receipt.documents)
        if receipt.number != place { add(.number(expected: place, found: receipt.number)) }
        if place == 0 { judgeFirst(bytes) }
        judgePlace(receipt, bytes)
    }

    /// From a good exchange on the next key counts; it says what the tree was before it.
    private mutating func judgeRotation(_ receipt: ReceiptLine, _ bytes: UnsafeRawBufferPointer) {
        do throws(Finding.Problem) {
            guard let rotation = try LogEvent.rotation(receipt, bytes) else { return }
            do throws(KeyRotation.Fault) { try chain?.take(rotation, at: edge.size, edge.root(using: &hash)) } catch {
                throw .badRotation(error.rawValue)
            }
        } catch {
            add(error)
        }
    }

    /// What the log says of its key, with which it begins.
    private mutating func judgeFirst(_ bytes: UnsafeRawBufferPointer) {
        guard let stated = LogEvent.createdKey(bytes) else { return add(.keyNotNamed) }
        if let key = chain?.keys.first, !stated.utf8.elementsEqual(key.text.utf8) { add(.unexpectedKey(expected: key)) }
    }

    private mutating func judgePlace(_ receipt: ReceiptLine, _ bytes: UnsafeRawBufferPointer) {
        guard let header else { return }
        let filter = header.filter
        if let place = receipt.place {
            let mayMiss = filter.makesGaps || header.counts.removed > 0
            for problem in sessions.follow(place, receipt.kind, mayMiss: mayMiss) { add(problem) }
            if filter.server != nil, let server = BundleSelection.server(receipt, bytes) { judgeServer(server, place.session, filter) }
        }
        if let event = BundleEvent(receipt, bytes) {
            if case .removed(let count) = event { removed = removed.addingReportingOverflow(count).partialValue }
            return
        }
        let isOfSession = filter.session.map { wanted in receipt.place.map { $0.session.utf8.elementsEqual(wanted.utf8) } ?? false } ?? true
        let isOfAny = filter.server == nil || receipt.place != nil
        if !isOfSession || !isOfAny || !filter.includes(timeOf: bytes) { add(.outsideFilter) }
    }

    private mutating func judgeServer(_ server: String, _ session: String, _ filter: BundleFilter) {
        if let wanted = filter.server, server.utf8.elementsEqual(wanted.utf8) { sessions.name(session) } else { add(.outsideFilter) }
    }

    private mutating func takeNode(_ bytes: [UInt8]) throws(LineError) {
        let node: BundleNode
        do { node = try BundleNode(bytes) } catch {
            isTreeWhole = false
            throw error
        }
        if edge.size == 0 { add(.keyNotNamed) }
        if let lastNode, lastNode.isSibling(of: node) { add(.splitNode) }
        lastNode = node
        guard node.first == edge.size else {
            isTreeWhole = false
            throw LineError(.number(expected: edge.size, found: node.first))
        }
        report.claims?.leftOut += node.leaves
        if let header, header.filter.isEmpty, report.claims?.leftOut ?? 0 > header.counts.removed {
            add(.leftOut(first: node.first, leaves: node.leaves))
        }
        if !edge.append(node.root, leaves: node.leaves, using: &hash) { isTreeWhole = false }
        compareKnown()
    }

    private mutating func takeEnd(_ bytes: [UInt8]) throws(LineError) {
        let digest = whole.finish()
        let members = try CanonicalLine.members(bytes, [BundleFormat.lines, BundleFormat.digest])
        let lines = try ReceiptLine.count(members, BundleFormat.lines, from: 0)
        if lines != line - 1 { add(.bundleCount(BundleFormat.lines, stated: lines, found: UInt64(line - 1))) }
        let stated = try ReceiptLine.value(members, BundleFormat.digest) { Digest(hex: $0) }
        if stated != digest { add(.endMismatch) }
    }

    // MARK: Whole

    /// Also what was signed earlier is met on the way, unless it lies inside of what is left out.
    private mutating func compareKnown() {
        guard let known = expectation.checkpoint, known.size == edge.size, isTreeWhole else { return }
        isKnownMet = true
        if edge.root(using: &hash) != known.root { add(.knownCheckpointViolated(size: known.size)) }
    }

    private mutating func finish() {
        line = 0
        guard let header else {
            // An empty file has no first line to speak of.
            if report.findings.isEmpty { add(.endMissing) }
            return
        }
        report.sessions = sessions.count
        report.claims?.sessions = sessions.claims
        for kind in ReceiptKind.allCases where kinds[Int(kind.spoolCode)] > 0 {
            report.receiptsByKind[kind] = kinds[Int(kind.spoolCode)]
        }
        if section != .end { add(.endMissing) }
        judgeTree(header)
        judgeKeys(header)
        judgeCounts(header)
        judgeExpectation(header)
    }

    private mutating func judgeTree(_ header: BundleHeader) {
        if edge.size != header.checkpoint.size {
            add(.placesMissing(signed: header.checkpoint.size, found: edge.size))
        } else if !isTreeWhole || edge.root(using: &hash) != header.checkpoint.root {
            add(.rootMismatch(first: 0, size: header.checkpoint.size))
        } else {
            report.signedSize = header.checkpoint.size
            report.signedRoot = header.checkpoint.root
        }
    }

    /// The header lists the keys that the log's receipts tell of, the last of which signs; whoever is expected is among them.
    private mutating func judgeKeys(_ header: BundleHeader) {
        guard let chain else { return }
        report.keys = chain
        report.key = chain.current
        if chain.keys != header.keys { add(.invalidMember(BundleFormat.keys)) }
        for expected in [expectation.key].compactMap({ $0 }) + expectation.otherKeys where !chain.keys.contains(expected) {
            add(.unexpectedKey(expected: expected))
        }
        for checkpoint in [header.checkpoint, expectation.checkpoint].compactMap({ $0 })
        where !checkpoint.isSigned(by: chain.key(ofSize: checkpoint.size)) {
            add(.badSignature)
        }
    }

    private mutating func judgeCounts(_ header: BundleHeader) {
        if header.counts.receipts != report.receipts {
            add(.bundleCount(BundleFormat.receipts, stated: header.counts.receipts, found: report.receipts))
        }
        if header.counts.documents != UInt64(report.documents) {
            add(.bundleCount(BundleFormat.documents, stated: header.counts.documents, found: UInt64(report.documents)))
        }
        if header.counts.removed != removed { add(.bundleCount(BundleFormat.removed, stated: header.counts.removed, found: removed)) }
        report.claims?.removed = removed
        let named = census.digests
        report.documentsAbsent = named.subtracting(documents).count
        if !documents.isSubset(of: named) { add(.documentUnnamed) }
        if header.filter.server != nil, !header.filter.makesGaps, !sessions.areAllNamed { add(.outsideFilter) }
    }

    private mutating func judgeExpectation(_ header: BundleHeader) {
        if let known = expectation.checkpoint, !isKnownMet, known.size > 0 { add(.checkpointNotComparable(size: known.size)) }
        if let minimum = expectation.minimum, report.signedSize < minimum {
            add(.belowMinimum(minimum: minimum, signed: report.signedSize))
        }
    }
}
