import MCP

/// The batches that are not answered yet.
struct Batches {
    private var open: [UInt64: Batch] = [:]
    private var lastNumber: UInt64 = 0

    /// At most so many at a time from both sides.
    static let limit = 8
    /// Bytes that the answers to one batch may have together, short ones excepted.
    static let capacity = 1 << 20
    /// An answer of so many bytes is always taken.
    static let small = 4_096

    var isFull: Bool { open.count >= Self.limit }

    mutating func begin(from side: Side) -> UInt64 {
        lastNumber += 1
        open[lastNumber] = Batch(side: side)
        return lastNumber
    }

    mutating func expect(_ slot: BatchSlot) { open[slot.batch]?.expect(slot.member) }

    mutating func drop(_ slot: BatchSlot) { open[slot.batch]?.drop(slot.member) }

    func hasRoom(for size: Int, at slot: BatchSlot) -> Bool {
        size <= Self.small || (open[slot.batch]?.size ?? 0) + size <= Self.capacity
    }

    mutating func put(_ answer: ArraySlice<UInt8>, at slot: BatchSlot) { open[slot.batch]?.put(answer, at: slot.member) }

    /// Those for which nothing is awaited, in the order in which they came.
    mutating func takeComplete() -> [Batch] {
        guard !open.isEmpty else { return [] }
        let complete = open.filter(\.value.isComplete).sorted { $0.key < $1.key }
        for (number, _) in complete { open[number] = nil }
        return complete.map(\.value)
    }
}
