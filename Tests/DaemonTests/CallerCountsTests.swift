import Testing

@testable import Daemon

@Suite("what each user may have")
struct CallerCountsTests {
    @Test("a user at the limit hinders itself and nobody else, until it lets go of something")
    func limitsEachUser() {
        var counts = CallerCounts()
        for _ in 0..<CallerCounts.connections {
            #expect(counts.mayConnect(1_000))
            counts.connected(1_000)
        }
        #expect(!counts.mayConnect(1_000))
        #expect(counts.mayConnect(1_001))
        counts.left(1_000)
        #expect(counts.mayConnect(1_000))
    }

    @Test("root is not limited")
    func exceptsRoot() {
        var counts = CallerCounts()
        for _ in 0...CallerCounts.connections { counts.connected(0) }
        #expect(counts.mayConnect(0))
        #expect(CallerCounts.mayHave(sessions: CallerCounts.sessions, 0))
        #expect(!CallerCounts.mayHave(sessions: CallerCounts.sessions, 1_000))
    }
}
