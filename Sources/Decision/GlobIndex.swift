/// Patterns with a `*`, found by what stands before it, so that the time of a decision does not grow with the number of rules.
struct GlobIndex: Sendable {
    struct Item: Sendable {
        let glob: Glob
        let rule: Int
    }

    private var items: [[UInt8]: [Item]] = [:]
    /// The lengths that occur among the beginnings.
    private var lengths: Set<Int> = []

    mutating func insert(_ glob: Glob, rule: Int) {
        items[glob.beginning, default: []].append(Item(glob: glob, rule: rule))
        lengths.insert(glob.beginning.count)
    }

    /// Hands over the patterns that could match: those that begin as the name does.
    func forEachCandidate(_ name: [UInt8], _ body: (Item) -> Void) {
        for length in lengths where length <= name.count {
            for item in items[Array(name[..<length])] ?? [] { body(item) }
        }
    }
}
