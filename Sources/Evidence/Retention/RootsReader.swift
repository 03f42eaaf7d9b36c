import StrictJSON

/// Reads the groups of lines of the file `roots`. Each line must be spelled as it is written, and each count must come out.
package struct RootsReader {
    /// Not in this form: on this line of the file, from 1.
    struct Malformed: Error {
        let line: Int
    }

    private let bytes: [UInt8]
    private var at = 0
    /// Of the line read last, from 1.
    private(set) var line = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The next group; nil at the end.
    mutating func next() throws(Malformed) -> RemovedSegment? {
        if at == bytes.count { return nil }
        let head = try object()
        let first = try count(head, RemovedSegment.Member.first)
        let total = try count(head, RemovedSegment.Member.count)
        let latest = head[RemovedSegment.Member.latest]?.string.flatMap { Timestamp(text: $0) }
        guard let latest, total > 0, head.count == 5 else { throw Malformed(line: line) }
        let start = line
        var parts: [RemovedSegment.Part] = []
        for _ in 0..<(try count(head, RemovedSegment.Member.parts)) { parts.append(try part()) }
        var sum: UInt64 = 0
        for part in parts {
            let (next, isBeyond) = sum.addingReportingOverflow(part.leaves)
            if isBeyond { throw Malformed(line: start) }
            sum = next
        }
        guard sum == total, first <= UInt64(Int64.max) - total else { throw Malformed(line: start) }
        var sessions: [RemovedSegment.Session] = []
        for _ in 0..<(try count(head, RemovedSegment.Member.sessions)) { sessions.append(try session()) }
        return RemovedSegment(first: first, count: total, latest: latest, parts: parts, sessions: sessions)
    }

    private mutating func part() throws(Malformed) -> RemovedSegment.Part {
        let object = try object()
        if let receipt = object[RemovedSegment.Member.receipt], object.count == 1 {
            guard receipt.object != nil, let line = try? receipt.canonical() else { throw Malformed(line: line) }
            return .kept(line: line)
        }
        guard object.count == 2, let root = object[RemovedSegment.Member.root]?.string.flatMap({ Digest(hex: $0) }) else {
            throw Malformed(line: line)
        }
        let leaves = try count(object, RemovedSegment.Member.leaves)
        if leaves == 0 { throw Malformed(line: line) }
        return .gone(leaves: leaves, root: root)
    }

    private mutating func session() throws(Malformed) -> RemovedSegment.Session {
        let object = try object()
        let keep = object[Keep.member].map { Keep($0) }
        let name = object[RemovedSegment.Member.session]?.string.flatMap { SessionFacts.isIdentifier($0) ? $0 : nil }
        guard let name, keep != .some(nil), object.count == (keep == nil ? 3 : 4) else { throw Malformed(line: line) }
        return RemovedSegment.Session(
            name: name, receipts: try count(object, RemovedSegment.Member.receipts), spool: try count(object, RemovedSegment.Member.spool),
            keep: keep.flatMap { $0 })
    }

    private mutating func object() throws(Malformed) -> JSONObject {
        line += 1
        guard let end = bytes[at...].firstIndex(of: 0x0A) else { throw Malformed(line: line) }
        let text = Array(bytes[at..<end])
        at = end + 1
        guard let json = try? JSON(parsing: text, limits: Self.limits), let object = json.object, (try? json.canonical()) == text else {
            throw Malformed(line: line)
        }
        return object
    }

    private func count(_ object: JSONObject, _ name: String) throws(Malformed) -> UInt64 {
        guard let value = object[name]?.int64, value >= 0 else { throw Malformed(line: line) }
        return UInt64(value)
    }

    /// A receipt's line, one object deeper.
    private static var limits: JSONLimits {
        var limits = JSONLimits.standard
        limits.bytes += 64
        limits.depth += 1
        return limits
    }
}

extension RootsReader {
    /// What was read, written anew; nil for what is malformed.
    package static func rewritten(_ bytes: [UInt8]) -> [UInt8]? {
        var reader = RootsReader(bytes)
        var text: [UInt8] = []
        do throws(Malformed) {
            while let removed = try reader.next() { text += removed.text }
        } catch {
            return nil
        }
        return text
    }
}
