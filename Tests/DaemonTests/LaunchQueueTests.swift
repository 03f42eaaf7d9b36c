import Testing

@testable import Daemon

@Suite struct LaunchQueueTests {
    @Test("so many begin at once, the others in their order, and none that left")
    func isInOrder() {
        var queue = LaunchQueue()
        let names = (0..<20).map { "\($0)" }
        #expect(names.map { queue.enter($0) } == names.map { Int($0)! < LaunchQueue.atOnce })
        #expect(queue.next() == [])
        queue.leave("9")
        queue.leave("3")
        queue.leave("0")
        #expect(queue.next() == ["8", "10"])
        queue.leave("8")
        queue.leave("8")
        queue.leave("unknown")
        #expect(queue.next() == ["11"])
    }

    @Test("nobody overtakes who waits")
    func isFair() {
        var queue = LaunchQueue()
        for number in 0...LaunchQueue.atOnce { _ = queue.enter("\(number)") }
        queue.leave("0")
        let entered = queue.enter("late")
        #expect(!entered)
        #expect(queue.next() == ["\(LaunchQueue.atOnce)"])
    }
}
