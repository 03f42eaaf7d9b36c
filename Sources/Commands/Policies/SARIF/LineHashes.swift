/// A hash for each line of a text: of the 100 UTF-16 units that begin there, blanks left out, so that lines may move and be indented. Equal ones are
/// numbered. The same numbers as github/codeql-action's fingerprints, which GitHub compares between runs.
struct LineHashes: Sendable {
    private static let block = 100
    private static let factor: UInt64 = 37

    private var hashes: [Int: String] = [:]
    private var counts: [UInt64: Int] = [:]

    private var window = [UInt64](repeating: 0, count: block)
    private var lines = [Int](repeating: 0, count: block)
    private var hash: UInt64 = 0
    private var index = 0
    private var line = 0
    private var isLineStart = true
    private var isAfterReturn = false

    /// What leaves the window counts with this power.
    private static let leaving: UInt64 = (0..<block).reduce(1) { power, _ in power &* factor }

    init(_ text: [UInt8]) {
        for unit in String(decoding: text, as: UTF8.self).utf16 { take(unit) }
        take(0xFFFF)
        for _ in 0..<Self.block {
            tell()
            shift(0)
        }
    }

    /// By line, from 1.
    subscript(_ line: Int) -> String? { hashes[line] }

    private mutating func take(_ unit: UInt16) {
        var unit = unit
        if unit == 0x20 || unit == 0x09 || isAfterReturn && unit == 0x0A {
            isAfterReturn = false
            return
        }
        isAfterReturn = unit == 0x0D
        if isAfterReturn { unit = 0x0A }
        tell()
        if isLineStart {
            isLineStart = false
            line += 1
            lines[index] = line
        }
        if unit == 0x0A { isLineStart = true }
        shift(UInt64(unit))
    }

    /// The line that began a window ago, if one did.
    private mutating func tell() {
        guard lines[index] != 0 else { return }
        counts[hash, default: 0] += 1
        hashes[lines[index]] = String(hash, radix: 16) + ":\(counts[hash] ?? 1)"
        lines[index] = 0
    }

    private mutating func shift(_ unit: UInt64) {
        let first = window[index]
        window[index] = unit
        hash = Self.factor &* hash &+ unit &- Self.leaving &* first
        index = (index + 1) % Self.block
    }
}
