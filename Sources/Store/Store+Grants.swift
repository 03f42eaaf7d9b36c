/// Grants that wait for their call. Each is used once, by whoever takes it first.
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

    /// Keeps a grant until `expires` (seconds since 1970). Those that have expired are forgotten.
    public func keep(_ grant: Grant, for binding: GrantBinding, expires: Int64, now: Int64) throws(StoreError) {
        try database.transaction { () throws(StoreError) in
            try database.run("DELETE FROM call_grant WHERE expires <= ?", [.integer(now)])
            try database.run(
                "INSERT INTO call_grant (approval, caller, server, tool, arguments, policy, approver, expires) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    .text(grant.approval), .integer(Int64(binding.caller)), .text(binding.server), .text(binding.tool),
                    .text(binding.arguments),
                    .text(binding.policy), .text(grant.approver), .integer(expires),
                ])
        }
    }

    /// Takes a grant for such a call, if there is one: it is nobody else's then.
    public func takeGrant(for binding: GrantBinding, now: Int64) throws(StoreError) -> Grant? {
        try database.transaction { () throws(StoreError) in
            let found = try database.rows(
                """
                SELECT approval, approver FROM call_grant
                WHERE caller = ? AND server = ? AND tool = ? AND arguments = ? AND policy = ? AND expires > ? ORDER BY expires, approval LIMIT 1
                """,
                [
                    .integer(Int64(binding.caller)), .text(binding.server), .text(binding.tool), .text(binding.arguments),
                    .text(binding.policy),
                    .integer(now),
                ]
            ) { row throws(StoreError) in Grant(approval: try row.text(0), approver: try row.text(1)) }
            guard let grant = found.first else { return nil }
            try database.run("DELETE FROM call_grant WHERE approval = ?", [.text(grant.approval)])
            return grant
        }
    }

    /// Takes a grant back that was not used; false when there is none.
    @discardableResult
    public func revokeGrant(_ approval: String) throws(StoreError) -> Bool {
        try database.run("DELETE FROM call_grant WHERE approval = ?", [.text(approval)]) > 0
    }
}
