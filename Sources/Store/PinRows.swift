/// How pins stand in their table.
enum PinRows {
    private static let columns = "caller, policy, server, kind, name, accepted, accepted_at, accepted_by, told, told_at, rejected"
    private static let select = "SELECT \(columns) FROM pin"

    static func find(_ key: PinKey) -> Statement {
        Statement(select + " WHERE caller = ?1 AND policy = ?2 AND server = ?3 AND kind = ?4 AND name = ?5", values(key))
    }

    static func find(of owner: PinOwner) -> Statement {
        Statement(select + " WHERE caller = ?1 AND policy = ?2 AND server = ?3 ORDER BY kind, name", values(owner))
    }

    static func find(ofCaller caller: UInt32?) -> Statement {
        Statement(
            select + " WHERE CAST(?1 AS BIGINT) IS NULL OR caller = ?1 ORDER BY caller, policy, server, kind, name",
            [.integer(caller.map(Int64.init))])
    }

    static func findTold(ofCaller caller: UInt32?) -> Statement {
        Statement(
            select + " WHERE told IS NOT NULL AND (CAST(?1 AS BIGINT) IS NULL OR caller = ?1)", [.integer(caller.map(Int64.init))])
    }

    static func bytes(of caller: UInt32) -> Statement {
        Statement(
            "SELECT coalesce(sum(coalesce(length(accepted), 0) + coalesce(length(told), 0)), 0) FROM pin WHERE caller = ?1", [.uid(caller)])
    }

    static func count(of owner: PinOwner) -> Statement {
        Statement("SELECT count(*) FROM pin WHERE caller = ?1 AND policy = ?2 AND server = ?3", values(owner))
    }

    static func write(_ pin: Pin) -> Statement {
        Statement(
            """
            INSERT INTO pin (\(columns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
            ON CONFLICT (caller, policy, server, kind, name) DO UPDATE SET accepted = excluded.accepted, accepted_at = excluded.accepted_at,
            accepted_by = excluded.accepted_by, told = excluded.told, told_at = excluded.told_at, rejected = excluded.rejected
            """,
            values(pin.key) + [
                .bytes(pin.accepted), .integer(pin.acceptedAt), .integer(pin.acceptedBy), .bytes(pin.told), .integer(pin.toldAt),
                .integer(pin.isRejected ? 1 : 0),
            ])
    }

    private static func values(_ owner: PinOwner) -> [Argument] { [.uid(owner.caller), .text(owner.policy), .text(owner.server)] }

    private static func values(_ key: PinKey) -> [Argument] { values(key.owner) + [.text(key.kind), .text(key.name)] }

    static func read(_ row: StoredRow) throws(StoreError) -> Pin {
        guard let caller = UInt32(exactly: try row.integer(0)) else { throw .corrupt }
        let owner = PinOwner(caller: caller, policy: try row.text(1), server: try row.text(2))
        return Pin(
            key: PinKey(owner, kind: try row.text(3), name: try row.text(4)), accepted: try row.optionalBytes(5),
            acceptedAt: try row.optionalInteger(6), acceptedBy: try row.optionalInteger(7), told: try row.optionalBytes(8),
            toldAt: try row.optionalInteger(9), isRejected: try row.integer(10) != 0)
    }
}
