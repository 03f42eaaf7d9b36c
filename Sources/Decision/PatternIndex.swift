import Policy

/// Patterns with a `*`, found by what stands before it or after it, whichever is longer, so that the time of a decision does not
/// grow with the number of rules.
struct PatternIndex: Sendable {
    private var byBeginning = EdgeTable(isAtEnd: false)
    private var byEnd = EdgeTable(isAtEnd: true)

    mutating func insert(_ glob: Glob, rule: Int) {
        if glob.beginning.count >= glob.end.count {
            byBeginning.insert(glob, edge: glob.beginning, rule: rule)
        } else {
            byEnd.insert(glob, edge: glob.end, rule: rule)
        }
    }

    /// The rules with a pattern that matches, in no order, some perhaps twice.
    func matches(of name: [UInt8]) -> Matches { Matches(beginning: byBeginning.matches(of: name), end: byEnd.matches(of: name)) }

    struct Matches: IteratorProtocol, Sequence {
        fileprivate var beginning: EdgeTable.Matches
        fileprivate var end: EdgeTable.Matches

        mutating func next() -> Int? { beginning.next() ?? end.next() }
    }
}

/// Patterns by a hash of their first or last bytes: a name's own hashes are made in passing, one byte at a time.
private struct EdgeTable: Sendable {
    struct Item: Sendable {
        let glob: Glob
        let rule: Int
        let hash: UInt64
        /// The next item of the same slot, or negative.
        var next: Int
    }

    private let isAtEnd: Bool
    private var items: [Item] = []
    /// Heads of the lists of items; as many as a power of two.
    private var slots = [-1]
    /// Which lengths of edges occur.
    private var lengths: [Bool] = []

    init(isAtEnd: Bool) { self.isAtEnd = isAtEnd }

    mutating func insert(_ glob: Glob, edge: [UInt8], rule: Int) {
        let hash = (isAtEnd ? Array(edge.reversed()) : edge).reduce(Self.seed) { Self.step($0, $1) }
        items.append(Item(glob: glob, rule: rule, hash: hash, next: -1))
        if lengths.count <= edge.count { lengths += Array(repeating: false, count: edge.count + 1 - lengths.count) }
        lengths[edge.count] = true
        if items.count > slots.count { grow() } else { link(items.count - 1) }
    }

    private mutating func grow() {
        slots = Array(repeating: -1, count: slots.count * 4)
        for index in items.indices { link(index) }
    }

    private mutating func link(_ index: Int) {
        let slot = slot(items[index].hash)
        items[index].next = slots[slot]
        slots[slot] = index
    }

    private func slot(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: (hash ^ hash >> 32) & UInt64(slots.count - 1)) }

    private static let seed: UInt64 = 0xcbf2_9ce4_8422_2325

    /// FNV-1a; names that collide only cost time, and who writes a policy chooses its patterns.
    private static func step(_ hash: UInt64, _ byte: UInt8) -> UInt64 { (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }

    func matches(of name: [UInt8]) -> Matches { Matches(table: self, name: name, hash: Self.seed) }

    struct Matches: IteratorProtocol {
        let table: EdgeTable
        let name: [UInt8]
        var hash: UInt64
        /// The length of the edge that is looked up next.
        var length = 0
        /// The item that is looked at next, or negative.
        var item = -1
        /// The hash of the items that are looked at.
        var wanted: UInt64 = 0

        mutating func next() -> Int? {
            while item >= 0 || advance() {
                guard item >= 0 else { continue }
                let found = item
                item = table.items[found].next
                if table.items[found].hash == wanted, table.items[found].glob.matches(name) { return table.items[found].rule }
            }
            return nil
        }

        /// Goes on to the items of the next length; false when there is none.
        private mutating func advance() -> Bool {
            guard length <= name.count, length < table.lengths.count else { return false }
            if table.lengths[length] {
                item = table.slots[table.slot(hash)]
                wanted = hash
            }
            if length < name.count { hash = step(hash, table.isAtEnd ? name[name.count - 1 - length] : name[length]) }
            length += 1
            return true
        }
    }
}
