import Policy

/// Patterns with a `*`, found by what stands before it or after it, whichever is longer, so that the time of a decision does not
/// grow with the number of rules.
struct PatternIndex: Sendable {
    private var byBeginning = EdgeTable(isAtEnd: false)
    private var byEnd = EdgeTable(isAtEnd: true)

    mutating func insert(_ glob: Glob, _ mark: RuleMark) {
        if glob.beginning.count >= glob.end.count {
            byBeginning.insert(glob, edge: Array(glob.beginning), mark)
        } else {
            byEnd.insert(glob, edge: glob.end.reversed(), mark)
        }
    }

    /// Hands over the rules with a pattern that matches, in no order, some perhaps twice.
    func forEach(_ name: [UInt8], _ body: (RuleMark) -> Void) {
        byBeginning.forEach(name, body)
        byEnd.forEach(name, body)
    }
}

/// Patterns by a hash of their first or last bytes: a name's own hashes are made in passing, one byte at a time.
private struct EdgeTable: Sendable {
    private struct Item: Sendable {
        let hash: ByteHash
        let mark: RuleMark
        /// Where the pattern stands in `text`.
        let start: UInt32, end: UInt32
        /// The next item of the same slot, or negative.
        var next: Int32
    }

    private let isAtEnd: Bool
    private var items: [Item] = []
    private var text: [UInt8] = []
    /// Heads of the lists of items; as many as a power of two.
    private var slots: [Int32] = [-1]
    /// Which lengths of edges occur.
    private var lengths: [Bool] = []

    init(isAtEnd: Bool) { self.isAtEnd = isAtEnd }

    /// `edge`: what the pattern begins with, or, from its last byte on, what it ends with.
    mutating func insert(_ glob: Glob, edge: [UInt8], _ mark: RuleMark) {
        let start = text.count
        text += glob.text
        items.append(Item(hash: ByteHash(edge), mark: mark, start: UInt32(start), end: UInt32(text.count), next: -1))
        if lengths.count <= edge.count { lengths += Array(repeating: false, count: edge.count + 1 - lengths.count) }
        lengths[edge.count] = true
        if items.count * 2 > slots.count { grow() } else { link(items.count - 1) }
    }

    private mutating func grow() {
        slots = Array(repeating: -1, count: slots.count * 2)
        for index in items.indices { link(index) }
    }

    private mutating func link(_ index: Int) {
        let slot = items[index].hash.slot(of: slots.count)
        items[index].next = slots[slot]
        slots[slot] = Int32(index)
    }

    func forEach(_ name: [UInt8], _ body: (RuleMark) -> Void) {
        var hash = ByteHash()
        for length in 0..<min(lengths.count, name.count + 1) {
            if lengths[length] { forEach(name, hash, body) }
            if length < name.count { hash.add(isAtEnd ? name[name.count - 1 - length] : name[length]) }
        }
    }

    private func forEach(_ name: [UInt8], _ hash: ByteHash, _ body: (RuleMark) -> Void) {
        var at = slots[hash.slot(of: slots.count)]
        while at >= 0 {
            let item = items[Int(at)]
            at = item.next
            if item.hash.value == hash.value, Glob.matches(name, text, in: Int(item.start)..<Int(item.end)) { body(item.mark) }
        }
    }
}
