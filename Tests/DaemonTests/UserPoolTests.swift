import Testing

@testable import Daemon

@Suite struct UserPoolTests {
    /// Nothing is written down.
    func take(_ pool: inout UserPool) -> UserPool.Users? { pool.take { (_: UInt32) throws(Never) in } }

    @Test("no two living sessions share a uid, and none has one outside of the range")
    func uidsAreUnique() throws {
        var pool = UserPool()
        var seen: Set<UInt32> = []
        for _ in 0..<500 {
            let users = try #require(take(&pool))
            for uid in [users.server, users.gate, users.keeper, users.proxy] {
                #expect(uid >= UserRange.standard.first && uid <= UserRange.standard.last)
                #expect(seen.insert(uid).inserted)
            }
        }
    }

    @Test(
        "what is given back is not given again at once, and what is adopted is never given, wherever it begins",
        arguments: 4...7 as ClosedRange<UInt32>)
    func reuseIsLate(_ offset: UInt32) throws {
        var pool = UserPool()
        let first = UserRange.standard.first
        pool.adopt(UserPool.Users(server: first + offset))
        let taken = try #require(take(&pool))
        pool.give(back: taken)
        // The second lies across the one that is held, and where it begins off the mark, the third as well.
        #expect(take(&pool)?.server == first + (offset == 4 ? 8 : 12))
    }

    @Test("when all are taken there is none")
    func isBounded() throws {
        var pool = UserPool(try #require(UserRange(text: "100000-100010")))
        #expect((0..<2).map { _ in take(&pool)?.server } == [100_000, 100_004])
        #expect(take(&pool) == nil)
    }

    @Test("the next daemon's pool begins behind everything that was given before it")
    func goesOn() throws {
        var given: Set<UInt32> = []
        var mark: UInt32?
        for daemon in 0..<20 {
            var pool = UserPool(.standard, from: mark)
            for _ in 0...(daemon * 17 % 130) {
                let users = try #require(pool.take { (new: UInt32) throws(Never) in mark = new })
                #expect(given.insert(users.server).inserted)
            }
        }
        #expect(given.count > 1_000)
    }

    @Test("a uid that cannot be reserved is not given")
    func failsClosed() {
        struct Full: Error {}
        var pool = UserPool()
        #expect(throws: Full.self) { try pool.take { (_: UInt32) throws(Full) in throw Full() } }
        #expect(pool.takenCount == 0)
    }

    @Test("a mark of another range begins at the first", arguments: [0, 1_999_999_999, 2_000_049_152, .max] as [UInt32])
    func otherRange(_ mark: UInt32) {
        var pool = UserPool(.standard, from: mark)
        #expect(take(&pool)?.server == UserRange.standard.first)
    }

    @Test("a mark between two slots, or behind the last, is passed over")
    func odd() throws {
        let range = try #require(UserRange(text: "100000-100010"))
        #expect([100_001, 100_004, 100_005, 100_009, 100_010].map { range.slot(from: $0) } == [1, 1, 0, 0, 0])
    }
}

@Suite struct UserRangeTests {
    @Test("a range is two numbers with room for a session, above the host's accounts")
    func reads() {
        #expect(UserRange(text: "65536-65539").map { [$0.first, $0.last, UInt32($0.sessions)] } == [65_536, 65_539, 1])
        #expect(UserRange(text: "4294967290-4294967293") != nil)
        #expect(UserRange.standard.sessions == 12_288)
    }

    @Test(
        "all else is refused",
        arguments: [
            "", "-", "1", "0-70000", "65535-70000", "65534-65536", "70000-70002", "70001-70000", "4294967292-4294967294",
            "70000-4294967295", "70000-4294967296",
            "70000-70010-70020", "+70000-70010", " 70000-70010", "0x11170-70010", "70000-",
        ])
    func refuses(_ text: String) { #expect(UserRange(text: text) == nil) }
}
