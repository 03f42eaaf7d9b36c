/// What was counted of one server, by the name that it was given.
struct ServerCounts: Sendable, Hashable {
    var sessions: UInt64 = 0
    var forwarded: UInt64 = 0
    var held: UInt64 = 0
    var blocked: UInt64 = 0
    var kernelDenials: UInt64 = 0
    var refusals: UInt64 = 0
}

/// Counts of the first so many servers; those of the rest are counted together.
struct ServerTally: Sendable, Hashable {
    /// Names are compared as bytes.
    private var counts: [[UInt8]: ServerCounts] = [:]
    private(set) var rest = ServerCounts()
    private(set) var hasRest = false
    private static let most = 1_024

    mutating func update(_ name: String, _ change: (inout ServerCounts) -> Void) {
        let key = Array(name.utf8)
        if counts[key] == nil, counts.count >= Self.most {
            hasRest = true
            change(&rest)
        } else {
            change(&counts[key, default: ServerCounts()])
        }
    }

    /// In the order of their names' bytes.
    var all: [(name: String, counts: ServerCounts)] {
        counts.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { (String(decoding: $0.key, as: UTF8.self), $0.value) }
    }
}
