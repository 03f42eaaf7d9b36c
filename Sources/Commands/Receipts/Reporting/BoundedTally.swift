/// Counts by name, in bounded memory: exact up to so many names, then the rarest are dropped, and the counts are at least what is shown. Names are
/// compared as bytes.
struct BoundedTally: Sendable, Hashable {
    struct Entry: Sendable, Hashable {
        let parts: [String]
        let count: UInt64
    }

    private var counts: [[UInt8]: UInt64] = [:]
    private(set) var total: UInt64 = 0
    private(set) var isExact = true
    private let capacity: Int

    /// No byte of UTF-8.
    private static let separator: UInt8 = 0xFF
    /// Longer names are cut: two that differ only behind are one.
    private static let longest = 200

    /// Half of the names stay when there are more.
    init(capacity: Int = 8_192) {
        precondition(capacity >= 2)
        self.capacity = capacity
    }

    /// The parts of a name are told apart again when it is shown.
    mutating func add(_ parts: [String], _ count: UInt64 = 1) {
        total = Self.sum(total, count)
        let key = Array(parts.map { Array(Self.cut($0).utf8) }.joined(separator: [Self.separator]))
        counts[key] = Self.sum(counts[key] ?? 0, count)
        if counts.count > capacity { prune() }
    }

    /// The most frequent first; equal ones in the order of their bytes.
    func top(_ limit: Int) -> [Entry] {
        sorted.prefix(limit).map { key, count in
            let parts = key.split(separator: Self.separator, omittingEmptySubsequences: false)
            return Entry(parts: parts.map { String(decoding: $0, as: UTF8.self) }, count: count)
        }
    }

    /// How many names are known.
    var names: Int { counts.count }

    private var sorted: [(key: [UInt8], value: UInt64)] {
        counts.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key.lexicographicallyPrecedes($1.key) }
    }

    private mutating func prune() {
        isExact = false
        counts = Dictionary(uniqueKeysWithValues: sorted.prefix(capacity / 2).map { ($0.key, $0.value) })
    }

    private static func cut(_ text: String) -> String {
        text.unicodeScalars.count > longest ? String(String.UnicodeScalarView(text.unicodeScalars.prefix(longest))) + "…" : text
    }

    private static func sum(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let (value, overflow) = a.addingReportingOverflow(b)
        return overflow ? .max : value
    }
}
