/// Which word was perhaps meant.
enum Nearness {
    private static let mostCandidates = 200

    /// The closest of `candidates`, if it is close: one slip for short words, two for longer ones.
    static func nearest(to word: String, among candidates: [String]) -> String? {
        let possible = candidates.lazy.filter { abs($0.utf8.count - word.utf8.count) <= 2 }
        let ranked = possible.prefix(mostCandidates).map { (word: $0, distance: distance(word, $0)) }.sorted { $0.distance < $1.distance }
        guard let best = ranked.first, best.distance <= (word.utf8.count < 5 ? 1 : 2), best.distance < best.word.utf8.count else {
            return nil
        }
        return best.word
    }

    /// Optimal string alignment: insertions, deletions, replacements and swaps of neighbours. Case and `-` for `_` count nothing.
    static func distance(_ left: String, _ right: String) -> Int {
        let a = folded(left), b = folded(right)
        guard a.count <= 64, b.count <= 64 else { return .max }
        var before: [Int] = [], above = Array(0...b.count)
        for i in 0..<a.count {
            var row = [i + 1]
            for j in 0..<b.count {
                var best = min(above[j + 1] + 1, row[j] + 1, above[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, before[j - 1] + 1) }
                row.append(best)
            }
            (before, above) = (above, row)
        }
        return above[b.count]
    }

    private static func folded(_ word: String) -> [UInt8] {
        word.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
            case UInt8(ascii: "-"): UInt8(ascii: "_")
            default: byte
            }
        }
    }
}
