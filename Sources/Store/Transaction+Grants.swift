extension Store {
    /// Who approved, and under which id.
    public struct Grant: Sendable, Hashable {
        public let approval: String
        public let approver: String

        public init(approval: String, approver: String) {
            self.approval = approval
            self.approver = approver
        }
    }
}

/// Grants that wait for their call. Each is used once, by whoever takes it first. INVARIANT: a grant that was used, or taken back, is known to be so for
/// as long as it could be used, so that it is not kept a second time.
extension Transaction<Void> {
    /// Keeps a grant for so many seconds. Those that have expired are forgotten.
    public static func keep(_ grant: Store.Grant, for binding: GrantBinding, seconds: Int) -> Transaction {
        let expired = Statement("DELETE FROM call_grant WHERE expires <= ?1", [.now])
        let kept = Statement(
            """
            INSERT INTO call_grant (approval, caller, server, tool, arguments, policy, approver, expires)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 + ?9) ON CONFLICT (approval) DO NOTHING
            """,
            [
                .text(grant.approval), .uid(binding.caller), .text(binding.server), .text(binding.tool), .text(binding.arguments),
                .text(binding.policy), .text(grant.approver), .now, .integer(Int64(seconds)),
            ])
        return Transaction(.grants, excluding: .caller(binding.caller), isRepeatable: true, first: [expired, kept]) {
            _ throws(StoreError) in
            ((), [])
        }
    }

    /// A grant was taken, and the call is not made: it is for the next one.
    public static func releaseGrant(_ approval: String, use: String) -> Transaction {
        Transaction(
            .grants, isRepeatable: true,
            Statement("UPDATE call_grant SET used_by = NULL WHERE approval = ?1 AND used_by = ?2", [.text(approval), .text(use)])
        ) { _ throws(StoreError) in }
    }

    /// Takes a grant back that was not used.
    public static func revokeGrant(_ approval: String) -> Transaction {
        Transaction(
            .grants, isRepeatable: true,
            Statement("UPDATE call_grant SET used_by = '' WHERE approval = ?1 AND used_by IS NULL", [.text(approval)])
        ) { _ throws(StoreError) in }
    }
}

extension Transaction<Store.Grant?> {
    /// Takes a grant for such a call, if there is one: it is nobody else's then. `use`: whose call it is; the same is told the same again.
    /// `within`: seconds that grants of this policy are for. One that would be for longer is of a time that is still to come: the clock was set back
    /// since, and how old it is nobody knows.
    public static func takeGrant(for binding: GrantBinding, within: Int, use: String) -> Transaction {
        let binds: [Argument] = [
            .uid(binding.caller), .text(binding.server), .text(binding.tool), .text(binding.arguments), .text(binding.policy),
        ]
        let again = Statement("SELECT approval, approver FROM call_grant WHERE used_by = ?1", [.text(use)])
        let taken = Statement(
            """
            UPDATE call_grant SET used_by = ?7 WHERE used_by IS NULL AND approval = (
                SELECT approval FROM call_grant
                WHERE caller = ?1 AND server = ?2 AND tool = ?3 AND arguments = ?4 AND policy = ?5
                AND expires > ?6 AND expires - ?8 <= ?6 AND used_by IS NULL
                AND NOT EXISTS (SELECT 1 FROM call_grant WHERE used_by = ?7)
                ORDER BY expires, approval LIMIT 1)
            RETURNING approval, approver
            """, binds + [.now, .text(use), .integer(Int64(within))])
        return Transaction(.grants, excluding: .caller(binding.caller), isRepeatable: true, first: [again, taken]) {
            findings throws(StoreError) in
            let found = try findings.rows(of: 0, Self.grant) + findings.rows(of: 1, Self.grant)
            return (found.first, [])
        }
    }

    private static func grant(_ row: StoredRow) throws(StoreError) -> Store.Grant {
        Store.Grant(approval: try row.text(0), approver: try row.text(1))
    }
}
