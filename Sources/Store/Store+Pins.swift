public import Evidence

/// What servers say of their tools and of themselves, held to what was accepted.
extension Store {
    /// What came of a definition that was told.
    public enum PinAnswer: Sendable, Hashable {
        /// It is the accepted one, or the first that was seen and now is.
        case accepted
        /// It is another than the accepted one, or was never accepted where it must be; it awaits a review.
        case differs
        /// More is kept of this user's servers than may be.
        case tooMany
    }

    /// Bytes of all definitions of one user, and how many one server may have.
    static let pinBytesLimit: Int64 = 32 << 20
    static let pinsLimit: Int64 = 2_048

    /// Holds a definition against what was accepted. `acceptsFirst`: the first that is seen is accepted; else only what somebody reviewed is.
    public func judge(_ key: PinKey, _ told: [UInt8], acceptsFirst: Bool, now: Int64) throws(StoreError) -> PinAnswer {
        try database.transaction { () throws(StoreError) -> PinAnswer in
            let known = try pin(key)
            if let known, known.accepted == told, !known.awaitsReview, acceptsFirst || known.isReviewed { return .accepted }
            // Once it has said another thing it stays in quarantine until somebody looks, also when it says the old one again.
            if let known, known.told == told || known.awaitsReview && known.accepted == told { return .differs }
            guard try hasRoom(key, for: told.count, isNew: known == nil) else { return .tooMany }
            if acceptsFirst, known?.accepted == nil {
                try write(Pin(key: key, accepted: told, acceptedAt: now, acceptedBy: nil, told: nil, toldAt: nil, isRejected: false))
                return .accepted
            }
            var pin = known ?? Pin(key: key, isRejected: false)
            (pin.told, pin.toldAt, pin.isRejected) = (told, now, false)
            try write(pin)
            return .differs
        }
    }

    private func hasRoom(_ key: PinKey, for bytes: Int, isNew: Bool) throws(StoreError) -> Bool {
        let owner = key.owner
        let used = try single(
            "SELECT coalesce(sum(coalesce(length(accepted), 0) + coalesce(length(told), 0)), 0) FROM pin WHERE caller = ?",
            [.integer(Int64(owner.caller))])
        let count = try single(
            "SELECT count(*) FROM pin WHERE caller = ? AND policy = ? AND server = ?",
            [.integer(Int64(owner.caller)), .text(owner.policy), .text(owner.server)])
        return used + Int64(bytes) <= Self.pinBytesLimit && (!isNew || count < Self.pinsLimit)
    }

    private func single(_ sql: String, _ values: [StoredValue]) throws(StoreError) -> Int64 {
        let found = try database.rows(sql, values) { (row) throws(StoreError) in try row.integer(0) }
        guard found.count == 1 else { throw .corrupt }
        return found[0]
    }

    // MARK: Looking

    /// What a gate needs to know without asking: the digests of what is accepted, and what is quarantined.
    public func acceptedDigests(of owner: PinOwner, acceptsFirst: Bool) throws(StoreError) -> [AcceptedDefinition] {
        try pins(of: owner).map { pin in
            let isAccepted = !pin.awaitsReview && (acceptsFirst || pin.isReviewed)
            return AcceptedDefinition(
                kind: pin.key.kind, name: pin.key.name, digest: isAccepted ? pin.accepted.map { SHA256.digest($0) } : nil)
        }
    }

    /// The digest of an accepted definition; nil for what is quarantined.
    public struct AcceptedDefinition: Sendable, Hashable {
        public var kind: String
        public var name: String
        public var digest: Digest?
    }

    private func pins(of owner: PinOwner) throws(StoreError) -> [Pin] {
        try database.rows(
            Self.select + " WHERE caller = ? AND policy = ? AND server = ? ORDER BY kind, name",
            [.integer(Int64(owner.caller)), .text(owner.policy), .text(owner.server)]
        ) { (row) throws(StoreError) in try Self.pin(row) }
    }

    /// All of one user, or of everybody.
    public func pins(ofCaller caller: UInt32?) throws(StoreError) -> [Pin] {
        try database.rows(
            Self.select + " WHERE ?1 IS NULL OR caller = ?1 ORDER BY caller, policy, server, kind, name",
            [StoredValue(caller.map(Int64.init))]
        ) { (row) throws(StoreError) in try Self.pin(row) }
    }

    // MARK: Reviewing

    /// What was told is accepted, if it is still what the id names.
    public func accept(_ id: String, ofCaller caller: UInt32?, by uid: UInt32, now: Int64) throws(StoreError) -> Pin? {
        try review(id, caller) { pin in
            (pin.accepted, pin.acceptedAt, pin.acceptedBy) = (pin.told, now, Int64(uid))
            (pin.told, pin.toldAt, pin.isRejected) = (nil, nil, false)
        }
    }

    /// What was told is not wanted; what was accepted before stays so.
    public func reject(_ id: String, ofCaller caller: UInt32?) throws(StoreError) -> Pin? {
        try review(id, caller) { pin in pin.isRejected = true }
    }

    private func review(_ id: String, _ caller: UInt32?, _ change: (inout Pin) -> Void) throws(StoreError) -> Pin? {
        try database.transaction { () throws(StoreError) -> Pin? in
            guard var pin = try told(ofCaller: caller).first(where: { $0.id == id }) else { return nil }
            change(&pin)
            try write(pin)
            return pin
        }
    }

    private func told(ofCaller caller: UInt32?) throws(StoreError) -> [Pin] {
        try database.rows(Self.select + " WHERE told IS NOT NULL AND (?1 IS NULL OR caller = ?1)", [StoredValue(caller.map(Int64.init))]) {
            (row) throws(StoreError) in try Self.pin(row)
        }
    }

    // MARK: Rows

    private static let select = """
        SELECT caller, policy, server, kind, name, accepted, accepted_at, accepted_by, told, told_at, rejected FROM pin
        """

    private func pin(_ key: PinKey) throws(StoreError) -> Pin? {
        try database.rows(
            Self.select + " WHERE caller = ? AND policy = ? AND server = ? AND kind = ? AND name = ?", Self.values(key)
        ) { (row) throws(StoreError) in try Self.pin(row) }.first
    }

    private func write(_ pin: Pin) throws(StoreError) {
        try database.run(
            """
            INSERT OR REPLACE INTO pin (caller, policy, server, kind, name, accepted, accepted_at, accepted_by, told, told_at, rejected)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            Self.values(pin.key) + [
                pin.accepted.map(StoredValue.bytes) ?? .null, StoredValue(pin.acceptedAt), StoredValue(pin.acceptedBy),
                pin.told.map(StoredValue.bytes) ?? .null, StoredValue(pin.toldAt), .integer(pin.isRejected ? 1 : 0),
            ])
    }

    private static func values(_ key: PinKey) -> [StoredValue] {
        [.integer(Int64(key.owner.caller)), .text(key.owner.policy), .text(key.owner.server), .text(key.kind), .text(key.name)]
    }

    private static func pin(_ row: borrowing StoredRow) throws(StoreError) -> Pin {
        guard let caller = UInt32(exactly: try row.integer(0)) else { throw .corrupt }
        let owner = PinOwner(caller: caller, policy: try row.text(1), server: try row.text(2))
        return Pin(
            key: PinKey(owner, kind: try row.text(3), name: try row.text(4)), accepted: try row.optionalBytes(5),
            acceptedAt: try row.optionalInteger(6), acceptedBy: try row.optionalInteger(7), told: try row.optionalBytes(8),
            toldAt: try row.optionalInteger(9), isRejected: try row.integer(10) != 0)
    }
}
