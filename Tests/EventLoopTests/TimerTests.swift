import EventLoop
import TestSupport
import Testing

@Suite struct TimerTests {
    @Test("timers run in the order of their deadlines, never early, those of one deadline in the order they were set")
    func order() throws {
        let loop = try EventLoop()
        let start = loop.now
        var order: [Int] = []
        for (label, delay) in [(3, 3), (1, 1), (2, 2), (4, 3)] as [(Int, UInt64)] {
            loop.at(start + delay * 1_000_000) {
                #expect(loop.now >= start + delay * 1_000_000)
                order.append(label)
                if label == 4 { loop.stop() }
            }
        }
        try loop.run()
        #expect(order == [1, 2, 3, 4])
    }

    @Test("a cancelled timer does not run, also when another that is due at the same time cancels it")
    func cancel() throws {
        let loop = try EventLoop()
        var ran: [String] = []
        let early = loop.after(nanoseconds: 0) { ran.append("early") }
        loop.cancel(early)
        var later: TimerToken?
        let due = loop.now
        loop.at(due) {
            ran.append("canceller")
            if let later { loop.cancel(later) }
        }
        later = loop.at(due) { ran.append("cancelled") }
        loop.after(nanoseconds: 1_000_000) { loop.stop() }
        try loop.run()
        #expect(ran == ["canceller"])
    }

    @Test("a timer that sets itself again does not keep the loop from its other work")
    func noStarvation() throws {
        let loop = try EventLoop()
        var rounds = 0
        func again() {
            rounds += 1
            loop.after(nanoseconds: 0, again)
        }
        again()
        loop.after(nanoseconds: 2_000_000) { loop.stop() }
        try loop.run()
        #expect(rounds > 1)
    }

    @Test("of many timers, random and randomly cancelled, exactly the others run, in order")
    func property() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let loop = try EventLoop()
        let start = loop.now
        var expected: [(UInt64, Int)] = []
        var ran: [Int] = []
        for label in 0..<2_000 {
            let deadline = start + random.next() % 3_000_000
            let token = loop.at(deadline) { ran.append(label) }
            if random.next() % 3 == 0 { loop.cancel(token) } else { expected.append((deadline, label)) }
        }
        loop.at(start + 3_000_001) { loop.stop() }
        try loop.run()
        #expect(ran == expected.sorted { $0 < $1 }.map(\.1), "seed \(seed)")
    }
}
