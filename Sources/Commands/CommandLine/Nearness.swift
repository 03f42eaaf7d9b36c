/// Which word was perhaps meant.
enum Nearness {
    /// The closest of `candidates`, if it is close: at most a third of the word is wrong.
    static func nearest(to word: String, among candidates: [String]) -> String? {
        let ranked = candidates.map { (word: $0, distance: distance(Array(word.utf8), Array($0.utf8))) }.sorted {
            $0.distance < $1.distance
        }
        guard let best = ranked.first, best.distance <= max(1, min(word.utf8.count, best.word.utf8.count) / 3) else { return nil }
        return best.word
    }

    /// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
    static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        guard left.count <= 64, right.count <= 64 else { return .max }
        var before: [Int] = []
        var above = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var row = [i + 1]
            for (j, b) in right.enumerated() {
                var best = min(above[j + 1] + 1, row[j] + 1, above[j] + (a == b ? 0 : 1))
                if i > 0, j > 0, a == right[j - 1], left[i - 1] == b { best = min(best, before[j - 1] + 1) }
                row.append(best)
            }
            (before, above) = (above, row)
        }
        return above[right.count]
    }
}
