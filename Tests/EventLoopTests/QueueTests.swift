import Descriptors
import EventLoop
import Testing

@Suite struct QueueTests {
    @Test("what goes into an output queue comes out whole and in order through a pipe that is too small for it")
    func flushes() throws {
        let pipe = try Pipe(nonBlocking: true)
        var queue = OutputQueue(limit: 1 << 20)
        let sent = (0..<600_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        for start in stride(from: 0, to: sent.count, by: 7_919) { queue.append(sent[start..<min(start + 7_919, sent.count)]) }
        var received: [UInt8] = []
        while received.count < sent.count {
            let state = try queue.flush(to: pipe.writer)
            #expect((state == .empty) == queue.isEmpty)
            _ = try pipe.reader.read(appendingTo: &received, atMost: 50_000)
        }
        #expect(received == sent)
    }

    @Test("a full queue says so and takes no more than it may")
    func limits() {
        var queue = OutputQueue(limit: 10)
        let accepted = [queue.tryAppend(Array(repeating: 1, count: 9)), queue.tryAppend([1, 2])]
        #expect(accepted == [true, false] && queue.count == 9)
        let isFull = queue.isFull
        let last = queue.tryAppend([2])
        #expect(!isFull && last && queue.isFull)
        queue.clear()
        #expect(queue.isEmpty && !queue.isFull)
    }

    @Test("a bounded queue is first in first out and refuses beyond its limit")
    func bounded() {
        var queue = BoundedQueue<Int>(limit: 3)
        var taken: [Int] = []
        for value in 0..<200 {
            let isIn = queue.append(value)
            #expect(isIn)
            if value % 3 == 2 { while let next = queue.popFirst() { taken.append(next) } }
        }
        let more = [queue.append(1_000), queue.append(1_001), queue.append(1_002), queue.append(1_003)]
        #expect(more == [true, false, false, false] && queue.isFull)
        #expect(taken == Array(0..<198) && queue.first == 198)
    }
}
