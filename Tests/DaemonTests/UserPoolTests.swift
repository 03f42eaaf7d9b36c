import Testing

@testable import Daemon

@Suite struct UserPoolTests {
    @Test("no two living sessions share a uid, and none has uid 0")
    func uidsAreUnique() throws {
        var pool = UserPool()
        var seen: Set<UInt32> = []
        for _ in 0..<500 {
            let taken = pool.take()
            let users = try #require(taken)
            for uid in [users.server, users.gate, users.keeper] {
                #expect(uid >= UserPool.base)
                #expect(seen.insert(uid).inserted)
            }
        }
    }

    @Test("what is given back is not given again at once, and what is adopted is never given")
    func reuseIsLate() throws {
        var pool = UserPool()
        pool.adopt(slot: 1)
        let taken = pool.take()
        let first = try #require(taken)
        pool.give(back: first)
        let second = pool.take()
        #expect(second?.slot == 2)
    }

    @Test("when all are taken there is none")
    func isBounded() {
        var pool = UserPool()
        for _ in 0..<UserPool.capacity { _ = pool.take() }
        let none = pool.take()
        #expect(none == nil)
    }
}
