/// A run of bytes that is looked for in linear time (Knuth, Morris and Pratt).
struct TextSearch: Sendable {
    private let part: [UInt8]
    /// How much of the beginning also ends here, without the whole.
    private let borders: [Int]

    init(_ part: [UInt8]) {
        self.part = part
        var borders = Array(repeating: 0, count: part.count)
        var matched = 0
        for index in part.indices.dropFirst() {
            while matched > 0, part[index] != part[matched] { matched = borders[matched - 1] }
            if part[index] == part[matched] { matched += 1 }
            borders[index] = matched
        }
        self.borders = borders
    }

    func isFound(in text: Span<UInt8>) -> Bool {
        guard !part.isEmpty else { return true }
        var matched = 0
        for index in text.indices {
            while matched > 0, text[index] != part[matched] { matched = borders[matched - 1] }
            if text[index] == part[matched] { matched += 1 }
            if matched == part.count { return true }
        }
        return false
    }
}
