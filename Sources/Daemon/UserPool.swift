/// Uids for sessions: three in a row for each, never one that a living session holds.
struct UserPool: Sendable {
    /// Outside of every range that distributions, service managers and containers give out.
    static let base: UInt32 = 2_000_000_000
    static let capacity = 16_384

    /// The uids of one session; each is also the only group of its user.
    struct Users: Sendable, Hashable {
        let slot: Int

        var server: UInt32 { UserPool.base + UInt32(slot) * 3 }
        var gate: UInt32 { server + 1 }
        var keeper: UInt32 { server + 2 }
    }

    private var taken: Set<Int> = []
    private var next = 0

    /// `nil` when all are taken. A slot that was given back is not the first to be given again.
    mutating func take() -> Users? {
        guard taken.count < Self.capacity else { return nil }
        while taken.contains(next) { next = (next + 1) % Self.capacity }
        defer { next = (next + 1) % Self.capacity }
        taken.insert(next)
        return Users(slot: next)
    }

    /// One that a session of an earlier daemon holds.
    mutating func adopt(slot: Int) { taken.insert(slot) }

    mutating func give(back users: Users) { taken.remove(users.slot) }
}
