/// Deadlines in order. Cancelling is O(1): what was cancelled is skipped when it comes up, and swept when it is the greater part.
struct TimerHeap {
    private struct Item {
        let deadline: UInt64
        let number: UInt64
    }

    private var items: [Item] = []
    private var bodies: [UInt64: () -> Void] = [:]
    private var lastNumber: UInt64 = 0

    var isEmpty: Bool { bodies.isEmpty }

    mutating func add(at deadline: UInt64, _ body: @escaping () -> Void) -> TimerToken {
        lastNumber += 1
        bodies[lastNumber] = body
        items.append(Item(deadline: deadline, number: lastNumber))
        siftUp(items.count - 1)
        return TimerToken(number: lastNumber)
    }

    mutating func cancel(_ token: TimerToken) {
        bodies[token.number] = nil
        if items.count > 2 * bodies.count + 64 { sweep() }
    }

    /// The earliest deadline that still counts.
    mutating func next() -> UInt64? {
        while let first = items.first {
            if bodies[first.number] != nil { return first.deadline }
            removeFirst()
        }
        return nil
    }

    /// The timers that are due, in order of deadline, then of being set. They still count until `take`, so that one may cancel another.
    mutating func due(at now: UInt64) -> [TimerToken] {
        var due: [TimerToken] = []
        while let deadline = next(), deadline <= now, let first = items.first {
            due.append(TimerToken(number: first.number))
            removeFirst()
        }
        return due
    }

    /// The body of a timer that is due; nil when it was cancelled meanwhile.
    mutating func take(_ token: TimerToken) -> (() -> Void)? {
        bodies.removeValue(forKey: token.number)
    }

    private mutating func sweep() {
        let living = items.filter { bodies[$0.number] != nil }
        items = []
        for item in living {
            items.append(item)
            siftUp(items.count - 1)
        }
    }

    private static func precedes(_ left: Item, _ right: Item) -> Bool {
        (left.deadline, left.number) < (right.deadline, right.number)
    }

    private mutating func siftUp(_ start: Int) {
        var child = start
        while child > 0 {
            let parent = (child - 1) / 2
            guard Self.precedes(items[child], items[parent]) else { return }
            items.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func removeFirst() {
        items.swapAt(0, items.count - 1)
        items.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < items.count && Self.precedes(items[child], items[least]) {
                least = child
            }
            if least == parent { return }
            items.swapAt(least, parent)
            parent = least
        }
    }
}
