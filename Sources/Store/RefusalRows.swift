import Evidence
import StrictJSON

/// How the refusals ledger stands in its tables.
enum RefusalRows {
    // MARK: Entries

    private static let select = "SELECT id, caller, policy, state, first_seen, last_seen, times, codes, host_name FROM refusal"

    static func find(_ id: String) -> Statement { Statement(select + " WHERE id = ?1", [.text(id)]) }

    static func find(of caller: UInt32?, after id: String) -> Statement {
        Statement(
            select + " WHERE (CAST(?1 AS BIGINT) IS NULL OR caller = ?1) AND id > ?2 ORDER BY id LIMIT \(longestList)",
            [.integer(caller.map(Int64.init)), .text(id)])
    }

    /// More than fit into an answer.
    private static let longestList = 4_096

    /// Of one host's, those of one caller or of all.
    static func count(of caller: UInt32?, on host: String) -> Statement {
        Statement(
            "SELECT count(*) FROM refusal WHERE host_name = ?2 AND (CAST(?1 AS BIGINT) IS NULL OR caller = ?1)",
            [.integer(caller.map(Int64.init)), .text(host)])
    }

    static func countOpen(of caller: UInt32?) -> Statement {
        Statement(
            "SELECT count(*) FROM refusal WHERE state = 'open' AND (CAST(?1 AS BIGINT) IS NULL OR caller = ?1)",
            [.integer(caller.map(Int64.init))])
    }

    /// The one that nobody waits for and that was seen longest ago.
    static func findOldestDone(of caller: UInt32?, on host: String) -> Statement {
        Statement(
            """
            SELECT id FROM refusal WHERE host_name = ?2 AND state <> 'open' AND (CAST(?1 AS BIGINT) IS NULL OR caller = ?1)
            ORDER BY last_seen, id LIMIT 1
            """, [.integer(caller.map(Int64.init)), .text(host)])
    }

    static func write(_ entry: RefusalEntry) -> Statement {
        Statement(
            """
            INSERT INTO refusal (id, caller, policy, state, first_seen, last_seen, times, codes, host_name)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            ON CONFLICT (id) DO UPDATE SET state = excluded.state, last_seen = excluded.last_seen, times = excluded.times,
            codes = excluded.codes
            """,
            [
                .text(entry.id), .uid(entry.caller), .text(entry.policy), .text(entry.state.rawValue), .integer(entry.firstSeen),
                .integer(entry.lastSeen), .integer(entry.times), .text(entry.codes.joined(separator: " ")), .text(entry.hostName),
            ])
    }

    static func remove(_ id: String) -> [Statement] {
        ["refusal_finding", "refusal_event", "refusal_document"].map { Statement("DELETE FROM \($0) WHERE refusal = ?1", [.text(id)]) }
            + [Statement("DELETE FROM refusal WHERE id = ?1", [.text(id)]), forgetHosts]
    }

    static func entry(_ row: StoredRow) throws(StoreError) -> RefusalEntry {
        guard let caller = UInt32(exactly: try row.integer(1)), let state = RefusalEntry.State(rawValue: try row.text(3)) else {
            throw .corrupt
        }
        return RefusalEntry(
            id: try row.text(0), caller: caller, policy: try row.text(2), hostName: try row.text(8), state: state,
            firstSeen: try row.integer(4),
            lastSeen: try row.integer(5), times: try row.integer(6), codes: try row.text(7).split(separator: " ").map(String.init))
    }

    // MARK: Findings

    /// What was seen last comes first.
    static func findFindings(of id: String) -> Statement {
        Statement(
            """
            SELECT identity, subject, expanded, host, reasons, left_out, layers, stage, first_seen, last_seen, times, first_log, first_receipt,
            last_log, last_receipt FROM refusal_finding WHERE refusal = ?1 ORDER BY turn DESC
            """, [.text(id)])
    }

    static func add(_ refused: RefusedPolicy, turn: Int64, now: Int64) -> Statement {
        let reasons = kept(refused.reasons)
        let layers = JSONObject(refused.layers.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value.hex)) })
        let (log, receipt) = (Argument.text(refused.receipt?.log), Argument.integer(refused.receipt?.number))
        return Statement(
            """
            INSERT INTO refusal_finding (refusal, identity, subject, expanded, host, reasons, left_out, layers, stage, turn, first_seen, last_seen,
            times, first_log, first_receipt, last_log, last_receipt)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11, 1, ?12, ?13, ?12, ?13)
            """,
            [
                .text(refused.entry), .text(refused.identity), .text(refused.subject.hex), .integer(refused.isExpanded ? 1 : 0),
                .text(refused.hostDigest.hex), text(.array(reasons)), .integer(Int64(refused.reasons.count - reasons.count)),
                text(.object(layers)), .text(refused.stage.rawValue), .integer(turn), .integer(now), log, receipt,
            ])
    }

    /// The same finding again. Positions carry the names of the texts that are kept with them.
    static func count(_ refused: RefusedPolicy, turn: Int64, now: Int64, withReasons: Bool) -> [Statement] {
        let key: [Argument] = [.text(refused.entry), .text(refused.identity)]
        let again = Statement(
            """
            UPDATE refusal_finding SET times = times + 1, turn = ?3, last_seen = ?4, stage = ?5, last_log = ?6, last_receipt = ?7
            WHERE refusal = ?1 AND identity = ?2
            """,
            key + [
                .integer(turn), .integer(now), .text(refused.stage.rawValue), .text(refused.receipt?.log),
                .integer(refused.receipt?.number),
            ])
        guard withReasons else { return [again] }
        let reasons = text(.array(kept(refused.reasons)))
        return [again, Statement("UPDATE refusal_finding SET reasons = ?3 WHERE refusal = ?1 AND identity = ?2", key + [reasons])]
    }

    static func remove(_ finding: RefusalEntry.Finding, of id: String) -> Statement {
        Statement("DELETE FROM refusal_finding WHERE refusal = ?1 AND identity = ?2", [.text(id), .text(finding.identity)])
    }

    static func finding(_ row: StoredRow) throws(StoreError) -> RefusalEntry.Finding {
        guard let stage = RefusedPolicy.Stage(rawValue: try row.text(7)) else { throw .corrupt }
        return RefusalEntry.Finding(
            identity: try row.text(0), subject: try row.text(1), isExpanded: try row.integer(2) != 0, host: try row.text(3),
            reasons: Array(try row.text(4).utf8), reasonsLeftOut: try row.integer(5), layers: Array(try row.text(6).utf8), stage: stage,
            firstSeen: try row.integer(8), lastSeen: try row.integer(9), times: try row.integer(10), firstReceipt: try receipt(row, 11),
            lastReceipt: try receipt(row, 13))
    }

    private static func receipt(_ row: StoredRow, _ column: Int) throws(StoreError) -> RefusedPolicy.Receipt? {
        guard let log = try row.optionalText(column), let number = try row.optionalInteger(column + 1) else { return nil }
        return RefusedPolicy.Receipt(log: log, number: number)
    }

    private static func kept(_ reasons: [JSON]) -> [JSON] {
        var left = Store.RefusalLimits.reasonBytes
        return Array(
            reasons.prefix(Store.RefusalLimits.reasons).prefix { reason in
                left -= reason.encoded().count
                return left >= 0
            })
    }

    private static func text(_ json: JSON) -> Argument { .text(String(decoding: json.encoded(), as: UTF8.self)) }

    // MARK: Hosts

    /// Of the finding that was seen last.
    static func findHost(of id: String) -> Statement {
        Statement(
            """
            SELECT profile FROM refusal_host WHERE digest =
            (SELECT host FROM refusal_finding WHERE refusal = ?1 ORDER BY turn DESC LIMIT 1)
            """, [.text(id)])
    }

    static func keepHost(of refused: RefusedPolicy) -> Statement {
        Statement(
            "INSERT INTO refusal_host (digest, profile) VALUES (?1, ?2) ON CONFLICT (digest) DO NOTHING",
            [.text(refused.hostDigest.hex), .bytes(refused.host)])
    }

    static let forgetHosts = Statement("DELETE FROM refusal_host WHERE digest NOT IN (SELECT host FROM refusal_finding)")

    // MARK: Documents

    static func findDocuments(of id: String) -> Statement {
        Statement("SELECT name, size, content FROM refusal_document WHERE refusal = ?1 ORDER BY place", [.text(id)])
    }

    /// Bytes of one host's documents, of one caller or of all; without those of one entry.
    static func bytes(of caller: UInt32?, on host: String, besides id: String) -> Statement {
        Statement(
            """
            SELECT coalesce(sum(length(content)), 0) FROM refusal_document WHERE refusal <> ?1
            AND refusal IN (SELECT id FROM refusal WHERE host_name = ?3 AND (CAST(?2 AS BIGINT) IS NULL OR caller = ?2))
            """, [.text(id), .integer(caller.map(Int64.init)), .text(host)])
    }

    /// The texts of what was refused last take the place of those before. `room`: in bytes.
    static func write(_ documents: [RefusedPolicy.Document], of id: String, room: Int64) -> [Statement] {
        var left = room
        let added = documents.prefix(Store.RefusalLimits.documents).enumerated().map { place, document in
            let fits = document.bytes != nil && document.size <= left
            if fits { left -= document.size }
            return Statement(
                "INSERT INTO refusal_document (refusal, place, name, size, content) VALUES (?1, ?2, ?3, ?4, ?5)",
                [.text(id), .integer(Int64(place)), .text(document.name), .integer(document.size), .bytes(fits ? document.bytes : nil)])
        }
        return [Statement("DELETE FROM refusal_document WHERE refusal = ?1", [.text(id)])] + added
    }

    static func document(_ row: StoredRow) throws(StoreError) -> RefusedPolicy.Document {
        RefusedPolicy.Document(name: try row.text(0), size: try row.integer(1), bytes: try row.optionalBytes(2))
    }

    // MARK: Events

    static func findEvents(of id: String) -> Statement {
        Statement("SELECT number, kind, time, author, words FROM refusal_event WHERE refusal = ?1 ORDER BY number", [.text(id)])
    }

    static func add(_ event: RefusalEntry.NumberedEvent, to id: String) -> Statement {
        Statement(
            "INSERT INTO refusal_event (refusal, number, time, kind, author, words) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            [
                .text(id), .integer(event.number), .integer(event.event.time), .text(event.event.kind.rawValue),
                .integer(event.event.author), .text(event.event.words),
            ])
    }

    static func remove(_ event: RefusalEntry.NumberedEvent, of id: String) -> Statement {
        Statement("DELETE FROM refusal_event WHERE refusal = ?1 AND number = ?2", [.text(id), .integer(event.number)])
    }

    static func event(_ row: StoredRow) throws(StoreError) -> RefusalEntry.NumberedEvent {
        guard let kind = RefusalEntry.Event.Kind(rawValue: try row.text(1)) else { throw .corrupt }
        return RefusalEntry.NumberedEvent(
            number: try row.integer(0),
            event: RefusalEntry.Event(
                kind: kind, time: try row.integer(2), author: try row.optionalInteger(3), words: try row.optionalText(4)))
    }

    // MARK: What there was no room for

    static func omit(_ times: Int64, of caller: UInt32, on host: String, now: Int64) -> Statement {
        Statement(
            """
            INSERT INTO refusal_left_out (caller, host_name, times, last_seen) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (caller, host_name) DO UPDATE SET times = refusal_left_out.times + excluded.times, last_seen = excluded.last_seen
            """, [.uid(caller), .text(host), .integer(times), .integer(now)])
    }

    static func countOmitted(of caller: UInt32?) -> Statement {
        Statement(
            "SELECT CAST(coalesce(sum(times), 0) AS BIGINT) FROM refusal_left_out WHERE CAST(?1 AS BIGINT) IS NULL OR caller = ?1",
            [.integer(caller.map(Int64.init))])
    }
}
