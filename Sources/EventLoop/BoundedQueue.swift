/// Things waiting in line, first in first out, never more than `limit`. When it is full the answer is no, never a silent drop.
public struct BoundedQueue<Element> {
    public let limit: Int
    private var items: [Element] = []
    private var head = 0

    public init(limit: Int) {
        precondition(limit > 0)
        self.limit = limit
    }

    public var count: Int { items.count - head }
    public var isEmpty: Bool { count == 0 }
    public var isFull: Bool { count >= limit }
    public var first: Element? { isEmpty ? nil : items[head] }

    /// Puts it at the end; false and unchanged when full.
    public mutating func append(_ item: Element) -> Bool {
        if isFull { return false }
        items.append(item)
        return true
    }

    /// Takes the oldest.
    public mutating func popFirst() -> Element? {
        guard !isEmpty else { return nil }
        let item = items[head]
        head += 1
        if head > 32 && head > items.count / 2 {
            items.removeSubrange(0..<head)
            head = 0
        }
        return item
    }
}
