import Descriptors
import StrictJSON

/// Reads a snapshot's file. Whether its log is as it says, and whose signature it bears, is to be seen.
package struct SnapshotReader {
    private struct Malformed: Error {}

    private let bytes: ArraySlice<UInt8>
    private var at: Int

    /// What was read.
    struct Found {
        let file: SnapshotFile
        fileprivate let digest: Digest
        /// Behind the first four bytes of the key's hash.
        fileprivate let signature: [UInt8]

        func isSigned(by key: VerifierKey) -> Bool {
            key.identifier.elementsEqual(signature.prefix(4))
                && key.isValid(Array(signature.dropFirst(4)), of: SnapshotFile.statement(key.name, digest))
        }
    }

    /// nil where there is none, or none in this form.
    static func read(in log: borrowing some Descriptor & ~Copyable) -> Found? {
        guard let bytes = try? log.contents(of: LogFiles.snapshot, limit: SnapshotFile.limit) else { return nil }
        return read(bytes)
    }

    static func read(_ bytes: [UInt8]) -> Found? {
        guard bytes.last == 0x0A else { return nil }
        let start = (bytes.dropLast().lastIndex(of: 0x0A) ?? -1) + 1
        do throws(Malformed) {
            var end = SnapshotReader(bytes[start...])
            let object = try end.object()
            let digest = try digest(object, SnapshotFile.Member.digest)
            guard object.count == 2, let signature = object[SnapshotFile.Member.signature]?.string.flatMap({ Base64.decode($0) }),
                digest == SHA256.digest(Array(bytes[..<start]))
            else { return nil }
            var reader = SnapshotReader(bytes[..<start])
            return Found(file: try reader.file(), digest: digest, signature: signature)
        } catch {
            return nil
        }
    }

    private init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        at = bytes.startIndex
    }

    private mutating func file() throws(Malformed) -> SnapshotFile {
        let head = try object()
        guard head[SnapshotFile.Member.version]?.int64 == SnapshotFile.version else { throw Malformed() }
        var state = LogState()
        let size = try count(head, SnapshotFile.Member.size)
        guard let edge = MerkleEdge(size: size, roots: try digests(head, SnapshotFile.Member.edge)) else { throw Malformed() }
        state.edge = edge
        state.segmentStart = size
        let rotations = try self.rotations(head)
        guard let keys = KeyChain(try self.keys(head), rotations: rotations), rotations.allSatisfy({ $0 < size }) else { throw Malformed() }
        let roots = try head[SnapshotFile.Member.roots].map { json throws(Malformed) in try stamp(json.object) }
        try readSegments(Int(clamping: count(head, SnapshotFile.Member.segments)), into: &state)
        for _ in 0..<(try count(head, SnapshotFile.Member.sessions)) { try readSession(into: &state) }
        for _ in 0..<(try count(head, SnapshotFile.Member.erased)) { try readErased(into: &state) }
        for _ in 0..<(try count(head, SnapshotFile.Member.notices)) { try readNotice(into: &state) }
        guard at == bytes.endIndex else { throw Malformed() }
        return SnapshotFile(
            snapshot: LogSnapshot(state: state, keys: keys), checkpoint: Int(clamping: try count(head, SnapshotFile.Member.checkpoint)),
            roots: roots)
    }

    // MARK: Lines

    private mutating func readSegments(_ count: Int, into state: inout LogState) throws(Malformed) {
        var ages: [SegmentAges.Age] = []
        for _ in 0..<count {
            let object = try object()
            let age = SegmentAges.Age(
                first: try self.count(object, SnapshotFile.Member.first), seen: try time(object, SnapshotFile.Member.seen),
                latest: try time(object, SnapshotFile.Member.latest), keep: try keep(object),
                ends: try bool(object, SnapshotFile.Member.ends),
                isRemoved: try bool(object, SnapshotFile.Member.isRemoved))
            guard age.first <= state.size, ages.last.map({ $0.first < age.first }) ?? true else { throw Malformed() }
            // All but the one that begins here are finished, and are there or removed.
            if age.first < state.size, !age.isRemoved { state.finished[age.first] = try stamp(object) }
            ages.append(age)
        }
        guard ages.last?.first == state.size else { throw Malformed() }
        state.ages = SegmentAges(ages)
    }

    private mutating func readSession(into state: inout LogState) throws(Malformed) {
        let line = try line()
        if let (name, counts) = line.withUnsafeBytes({ Self.scanSession($0) }) { return state.sessions.set(name, counts) }
        let object = try Self.object(line)
        state.sessions.set(
            try session(object),
            SessionTable.Counts(
                receipts: try count(object, SnapshotFile.Member.receipts), spool: try count(object, SnapshotFile.Member.spool),
                keep: try keep(object), goneSpool: try count(object, SnapshotFile.Member.goneSpool)))
    }

    private mutating func readErased(into state: inout LogState) throws(Malformed) {
        let object = try object()
        let name = ContentName(session: try session(object), number: try count(object, SnapshotFile.Member.number))
        state.erased[name] = try count(object, SnapshotFile.Member.receipt)
    }

    private mutating func readNotice(into state: inout LogState) throws(Malformed) {
        let object = try object()
        let segment = RemovalNotice.Segment(
            first: try count(object, SnapshotFile.Member.first), count: try count(object, SnapshotFile.Member.count),
            digest: try Self.digest(object, SnapshotFile.Member.digest))
        state.notices.add(segment, number: try count(object, SnapshotFile.Member.receipt))
    }

    /// A session as it is always written: they are most of the lines. nil for any other spelling.
    private static func scanSession(_ line: UnsafeRawBufferPointer) -> (String, SessionTable.Counts)? {
        var counts = SessionTable.Counts()
        guard var scan = CanonicalScan(line), scan.take("{\"goneSpool\":"), let goneSpool = scan.takeCount() else { return nil }
        if scan.take(",\"keep\":") {
            if scan.take("\"forever\"") {
                counts.keep = .forever
            } else {
                guard let seconds = scan.takeCount(), seconds > 0 else { return nil }
                counts.keep = .seconds(seconds)
            }
        }
        guard scan.take(",\"receipts\":"), let receipts = scan.takeCount(), scan.take(",\"session\":"), let name = scan.takePlainString(),
            SessionFacts.isIdentifier(name), scan.take(",\"spool\":"), let spool = scan.takeCount(), scan.take("}"), scan.isAtEnd
        else { return nil }
        (counts.goneSpool, counts.receipts, counts.spool) = (goneSpool, receipts, spool)
        return (String(decoding: name, as: UTF8.self), counts)
    }

    private mutating func object() throws(Malformed) -> JSONObject { try Self.object(try line()) }

    private static func object(_ line: ArraySlice<UInt8>) throws(Malformed) -> JSONObject {
        guard let object = (try? JSON(parsing: Array(line)))?.object else { throw Malformed() }
        return object
    }

    private mutating func line() throws(Malformed) -> ArraySlice<UInt8> {
        guard at < bytes.endIndex, let end = bytes[at...].firstIndex(of: 0x0A) else { throw Malformed() }
        defer { at = end + 1 }
        return bytes[at..<end]
    }

    // MARK: Members

    private func keys(_ head: JSONObject) throws(Malformed) -> [VerifierKey] {
        let keys = (head[SnapshotFile.Member.keys]?.array ?? []).map { $0.string.flatMap { VerifierKey(text: $0) } }
        guard !keys.contains(nil) else { throw Malformed() }
        return keys.compactMap { $0 }
    }

    private func rotations(_ head: JSONObject) throws(Malformed) -> [UInt64] {
        let numbers = (head[SnapshotFile.Member.rotations]?.array ?? []).map { $0.int64.flatMap { UInt64(exactly: $0) } }
        guard !numbers.contains(nil) else { throw Malformed() }
        return numbers.compactMap { $0 }
    }

    private func digests(_ object: JSONObject, _ name: String) throws(Malformed) -> [Digest] {
        let digests = (object[name]?.array ?? []).map { $0.string.flatMap { Digest(hex: $0) } }
        guard !digests.contains(nil) else { throw Malformed() }
        return digests.compactMap { $0 }
    }

    private static func digest(_ object: JSONObject, _ name: String) throws(Malformed) -> Digest {
        guard let digest = object[name]?.string.flatMap({ Digest(hex: $0) }) else { throw Malformed() }
        return digest
    }

    private func stamp(_ object: JSONObject?) throws(Malformed) -> FileStamp {
        guard let object, let changed = object[SnapshotFile.Member.changed]?.string.flatMap({ Int64($0) }) else { throw Malformed() }
        return FileStamp(bytes: Int(clamping: try count(object, SnapshotFile.Member.bytes)), changed: changed)
    }

    private func session(_ object: JSONObject) throws(Malformed) -> String {
        guard let name = object[SnapshotFile.Member.session]?.string, SessionFacts.isIdentifier(name) else { throw Malformed() }
        return name
    }

    private func keep(_ object: JSONObject) throws(Malformed) -> Keep? {
        guard let json = object[Keep.member] else { return nil }
        guard let keep = Keep(json) else { throw Malformed() }
        return keep
    }

    private func time(_ object: JSONObject, _ name: String) throws(Malformed) -> UInt64 {
        guard let time = object[name]?.string.flatMap({ Timestamp(text: $0) }) else { throw Malformed() }
        return time.microseconds
    }

    private func bool(_ object: JSONObject, _ name: String) throws(Malformed) -> Bool {
        guard let value = object[name]?.bool else { throw Malformed() }
        return value
    }

    private func count(_ object: JSONObject, _ name: String) throws(Malformed) -> UInt64 {
        guard let value = object[name]?.int64, value >= 0 else { throw Malformed() }
        return UInt64(value)
    }
}

extension SnapshotReader {
    /// What the lines before the last one say, written anew under a key; nil for what is malformed.
    package static func rewritten(_ bytes: [UInt8], signedBy key: SigningKey) -> [UInt8]? {
        guard bytes.last == 0x0A else { return nil }
        let start = (bytes.dropLast().lastIndex(of: 0x0A) ?? -1) + 1
        var reader = SnapshotReader(bytes[..<start])
        return (try? reader.file())?.text(signedBy: key)
    }
}
