import ControlProtocol
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

    @Test("of unfinished messages a user holds so much with all connections together, and root as much as it likes")
    func holding() {
        var counts = CallerCounts()
        func holds(_ user: UInt32, from before: HeldInput = HeldInput(), _ now: HeldInput = HeldInput()) -> Bool {
            counts.holds(user, before: before, now: now)
        }
        let half = HeldInput(bytes: CallerCounts.held.bytes / 2, descriptors: CallerCounts.held.descriptors / 2)
        #expect(holds(1, half))
        #expect(holds(1, half))
        #expect(!holds(1, HeldInput(bytes: 1)))
        #expect(!holds(1, from: HeldInput(bytes: 1), HeldInput(descriptors: 1)))
        #expect(holds(2, half))
        // Whoever gives back may.
        #expect(holds(1, from: HeldInput(descriptors: 1)))
        #expect(holds(1, from: half))
        #expect(holds(1, HeldInput(bytes: 10, descriptors: 1)))
        #expect(holds(0, HeldInput(bytes: 1 << 40, descriptors: 1 << 20)))
        #expect(CallerCounts.mayWatch(15, 1) && !CallerCounts.mayWatch(16, 1) && CallerCounts.mayWatch(16, 0))
    }
}
