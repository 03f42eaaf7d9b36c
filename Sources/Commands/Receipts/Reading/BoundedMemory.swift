/// Remembers the latest so many things by a key; the oldest are forgotten.
struct BoundedMemory<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private var values: [Key: (value: Value, turn: Int)] = [:]
    /// In the order in which they came; those that were removed since are passed over.
    private var order: [(key: Key, turn: Int)] = []
    private var head = 0
    private var turn = 0
    private let capacity: Int

    init(capacity: Int) {
        precondition(capacity > 0)
        self.capacity = capacity
    }

    var count: Int { values.count }

    subscript(_ key: Key) -> Value? { values[key]?.value }

    /// What is known already keeps its age.
    mutating func set(_ key: Key, _ value: Value) {
        if let known = values[key] {
            values[key] = (value, known.turn)
            return
        }
        turn += 1
        values[key] = (value, turn)
        order.append((key, turn))
        while values.count > capacity { forgetOldest() }
        if order.count > 2 * capacity { compact() }
    }

    mutating func remove(_ key: Key) { values[key] = nil }

    private mutating func forgetOldest() {
        let oldest = order[head]
        head += 1
        if values[oldest.key]?.turn == oldest.turn { values[oldest.key] = nil }
    }

    private mutating func compact() {
        order = order[head...].filter { values[$0.key]?.turn == $0.turn }
        head = 0
    }
}
