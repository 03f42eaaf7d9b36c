import StrictJSON

extension SnapshotFile {
    /// nil for numbers that no JSON carries: nothing that a log of ours has.
    func text(signedBy key: SigningKey) -> [UInt8]? {
        guard let unsigned else { return nil }
        let digest = SHA256.digest(unsigned)
        let signature = key.verifier.identifier + key.sign(Self.statement(key.verifier.name, digest))
        let end = try? Self.line([(Member.digest, .string(digest.hex)), (Member.signature, .string(Base64.encode(signature)))])
        return end.map { unsigned + $0 }
    }

    private var unsigned: [UInt8]? {
        let state = snapshot.state
        let sessions = state.sessions.known.sorted { $0.key < $1.key }
        let erased = state.erased.sorted { $0.value < $1.value }
        let notices = state.notices.about { state.finished[$0] != nil }
        do throws(JSONCanonicalError) {
            var text = try Self.line(head(sessions.count, erased.count, notices.count))
            for age in state.ages.all { text += try Self.line(members(age, state.finished[age.first])) }
            for (name, counts) in sessions { try Self.add(name, counts, to: &text) }
            for (name, number) in erased { text += try Self.line(members(name, number)) }
            for notice in notices { text += try Self.line(members(notice)) }
            return text
        } catch {
            return nil
        }
    }

    private func head(_ sessions: Int, _ erased: Int, _ notices: Int) -> [(String, JSON?)] {
        let state = snapshot.state
        return [
            (Member.version, JSON(Self.version)), (Member.size, Self.number(state.size)), (Member.checkpoint, JSON(checkpoint)),
            (Member.edge, .array(state.edge.roots.map { .string($0.hex) })),
            (Member.keys, .array(snapshot.keys.keys.map { .string($0.text) })),
            (Member.rotations, .array(snapshot.keys.rotations.map(Self.number))),
            (Member.roots, roots.map { .object(JSONObject(Self.members($0))) }),
            (Member.segments, JSON(state.ages.all.count)), (Member.sessions, JSON(sessions)), (Member.erased, JSON(erased)),
            (Member.notices, JSON(notices)),
        ]
    }

    private func members(_ age: SegmentAges.Age, _ stamp: FileStamp?) -> [(String, JSON?)] {
        [
            (Member.first, Self.number(age.first)), (Member.seen, Self.time(age.seen)), (Member.latest, Self.time(age.latest)),
            (Keep.member, age.keep?.json), (Member.ends, .bool(age.ends)), (Member.isRemoved, .bool(age.isRemoved)),
        ] + (stamp.map(Self.members) ?? [])
    }

    /// They are most of the lines: written as they stand in canonical JSON, by hand.
    private static func add(_ name: String, _ counts: SessionTable.Counts, to text: inout [UInt8]) throws(JSONCanonicalError) {
        text += "{\"\(Member.goneSpool)\":\(counts.goneSpool)".utf8
        if let keep = counts.keep { text += try Array(",\"\(Keep.member)\":".utf8) + keep.json.canonical() }
        text += ",\"\(Member.receipts)\":\(counts.receipts),\"\(Member.session)\":\"\(name)\",\"\(Member.spool)\":\(counts.spool)}\n".utf8
    }

    private func members(_ name: ContentName, _ number: UInt64) -> [(String, JSON?)] {
        [(Member.session, .string(name.session)), (Member.number, Self.number(name.number)), (Member.receipt, Self.number(number))]
    }

    private func members(_ notice: (segment: RemovalNotice.Segment, number: UInt64)) -> [(String, JSON?)] {
        [
            (Member.first, Self.number(notice.segment.first)), (Member.count, Self.number(notice.segment.count)),
            (Member.digest, .string(notice.segment.digest.hex)), (Member.receipt, Self.number(notice.number)),
        ]
    }

    private static func members(_ stamp: FileStamp) -> [(String, JSON)] {
        // Nanoseconds of this century are beyond the numbers that canonical JSON carries.
        [(Member.bytes, JSON(stamp.bytes)), (Member.changed, .string(String(stamp.changed)))]
    }

    private static func line(_ members: [(String, JSON?)]) throws(JSONCanonicalError) -> [UInt8] {
        try JSON.object(JSONObject(members.compactMap { name, value in value.map { (name, $0) } })).canonical() + [0x0A]
    }

    private static func number(_ value: UInt64) -> JSON { JSON(Int64(clamping: value)) }

    private static func time(_ microseconds: UInt64) -> JSON { .string(Timestamp(microseconds: microseconds).text) }
}
