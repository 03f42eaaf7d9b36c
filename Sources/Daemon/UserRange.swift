/// The uids that sessions may have, and the gids of the same numbers: nobody else's.
struct UserRange: Sendable, Hashable {
    let first: UInt32
    let last: UInt32

    /// Outside of every range that distributions, service managers and containers give out.
    static let standard = UserRange(first: 2_000_000_000, last: 2_000_049_151)!

    /// What lies below belongs to the accounts of the host, nobody (65,534) among them; the last two mean "none" to some.
    static let permitted: ClosedRange<UInt32> = 65_536...4_294_967_293

    /// `nil` unless it is permitted and holds at least one session.
    init?(first: UInt32, last: UInt32) {
        guard Self.permitted.contains(first), Self.permitted.contains(last), last >= first, last - first >= 3 else { return nil }
        self.first = first
        self.last = last
    }

    /// Reads `FIRST-LAST`.
    init?(text: String) {
        let numbers = text.split(separator: "-", omittingEmptySubsequences: false)
        guard numbers.count == 2, numbers.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }), let first = UInt32(numbers[0]),
            let last = UInt32(numbers[1])
        else { return nil }
        self.init(first: first, last: last)
    }

    /// Four for each.
    var sessions: Int { Int(last - first + 1) / 4 }

    var slots: Range<Int> { 0..<sessions }

    func users(_ slot: Int) -> UserPool.Users { UserPool.Users(server: first + UInt32(slot) * 4) }

    /// The slot that begins at this uid or behind it; the first when there is none.
    func slot(from uid: UInt32) -> Int {
        guard uid >= first, uid <= last else { return 0 }
        let slot = (Int(uid - first) + 3) / 4
        return slot < sessions ? slot : 0
    }
}
