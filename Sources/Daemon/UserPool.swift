/// Uids for sessions: four in a row for each, never one that a living session holds, and none again before all others were given. Whoever
/// leaves files behind, in a directory that others may write, does not soon have a successor of the same uid.
struct UserPool: Sendable {
    /// The uids of one session; each is also the only group of its user.
    struct Users: Sendable, Hashable {
        let server: UInt32
        var gate: UInt32 { server + 1 }
        var keeper: UInt32 { server + 2 }
        /// Of sessions that have names.
        var proxy: UInt32 { server + 3 }
    }

    /// So many are given before it is written down again where the pool stands; as many may be passed over when a daemon begins.
    static let reserve = 64

    let range: UserRange
    private var taken: Set<UInt32> = []
    private var next: Int
    private var reserved = 0

    /// `mark` is what an earlier daemon's pool reserved last.
    init(_ range: UserRange = .standard, from mark: UInt32? = nil) {
        self.range = range
        next = mark.map { range.slot(from: $0) } ?? 0
    }

    /// `nil` when all are taken. Before a uid is given, `reserving` writes down where the next daemon is to begin; when it cannot, none is given.
    mutating func take<Failure: Error>(reserving: (UInt32) throws(Failure) -> Void) throws(Failure) -> Users? {
        for _ in 0..<range.sessions {
            if reserved == 0 {
                try reserving(range.users((next + Self.reserve) % range.sessions).server)
                reserved = Self.reserve
            }
            let users = range.users(next)
            next = (next + 1) % range.sessions
            reserved -= 1
            if isFree(users) {
                taken.insert(users.server)
                return users
            }
        }
        return nil
    }

    /// Sessions of an earlier daemon may have another range's, which begin elsewhere.
    private func isFree(_ users: Users) -> Bool { !(users.server - 3...users.proxy).contains(where: taken.contains) }

    /// One that a session of an earlier daemon holds.
    mutating func adopt(_ users: Users) { taken.insert(users.server) }

    mutating func give(back users: Users) { taken.remove(users.server) }

    var takenCount: Int { taken.count }
}
