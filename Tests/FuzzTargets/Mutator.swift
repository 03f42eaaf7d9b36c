import TestSupport

/// Inputs like others: some bytes changed, parts repeated, moved, cut, or put in from another input or from what means something.
public struct Mutator {
    private let corpus: [[UInt8]]
    private var random: SeededGenerator

    private static let words: [[UInt8]] = [
        "\"", "\\", "\\u0000", "\\ud800", "{", "}", "[", "]", ":", ",", "\n", "  ", "- ", "*", "~0", "0", "-", "1e999999999",
        "9007199254740993",
        "0.1", "null", "true", "$ref", "#", "/", "not", "allOf", "(", ")", "|", "+", "{1000}", "é", "\u{FEFF}", "\u{212A}", "${cwd}", "..",
        "::",
        "/128", "65536",
    ].map { Array($0.utf8) }

    public init(_ corpus: [[UInt8]], seed: UInt64) {
        self.corpus = corpus.isEmpty ? [[]] : corpus
        random = SeededGenerator(seed: seed)
    }

    public mutating func next() -> [UInt8] {
        var bytes = corpus.randomElement(using: &random) ?? []
        for _ in 0..<Int.random(in: 1...5, using: &random) { change(&bytes) }
        return Array(bytes.prefix(8_192))
    }

    private mutating func change(_ bytes: inout [UInt8]) {
        let start = Int.random(in: 0...bytes.count, using: &random)
        let end = min(bytes.count, start + Int.random(in: 0...24, using: &random))
        let target = Int.random(in: 0...bytes.count, using: &random)
        switch Int.random(in: 0...6, using: &random) {
        case 0: bytes.replaceSubrange(start..<end, with: [])
        case 1: bytes.insert(contentsOf: Array(bytes[start..<end]), at: target)
        case 2: if start < bytes.count { bytes[start] = .random(in: .min ... .max, using: &random) }
        case 3: if start < bytes.count { bytes[start] ^= 1 << UInt8.random(in: 0..<8, using: &random) }
        case 4: bytes.insert(contentsOf: Self.words.randomElement(using: &random) ?? [], at: target)
        case 5: bytes.replaceSubrange(start..<end, with: Self.words.randomElement(using: &random) ?? [])
        default:
            let other = corpus.randomElement(using: &random) ?? []
            bytes = Array(bytes[..<start] + other[min(start, other.count)...])
        }
    }
}
