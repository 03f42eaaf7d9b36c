import TestSupport
import Testing

@testable import Evidence

@Suite struct SignedLinesTests {
    /// A log of three checkpoints, and the last but one of these.
    private static func made() throws -> (ScratchDirectory, Checkpoint) {
        let scratch = try ScratchDirectory()
        try makeSmallLog(scratch)
        let notes = String(decoding: try scratch.read("log/checkpoints"), as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false)
        return (scratch, try #require(Checkpoint(text: notes[5..<10].joined(separator: "\n") + "\n")))
    }

    private static func count(_ scratch: ScratchDirectory, _ checkpoint: Checkpoint) throws(SignedLines.Problem) -> Int {
        var count = 0
        try SignedLines.read(directory: scratch.path + "/log", under: checkpoint) { number, _ in
            #expect(number == UInt64(count))
            count += 1
            return true
        }
        return count
    }

    @Test("the lines that a checkpoint signs are handed over, and no others")
    func signed() throws {
        let (scratch, checkpoint) = try Self.made()
        #expect(try Self.count(scratch, checkpoint) == Int(checkpoint.size))
        #expect(checkpoint.size == 6)
    }

    @Test("lines that were changed after they were verified, or that are missing, are found out")
    func changed() throws {
        let (scratch, checkpoint) = try Self.made()
        let segment = "log/segments/000000000004.jsonl"
        let bytes = try scratch.read(segment)
        var other = bytes
        other[20] ^= 1
        try scratch.write(segment, other)
        #expect(throws: SignedLines.Problem.changed) { try Self.count(scratch, checkpoint) }
        // Behind what is signed anything may stand.
        let end = try #require(bytes.indices.filter { bytes[$0] == 0x0A }.dropFirst().first)
        other = bytes
        other[end + 9] ^= 1
        try scratch.write(segment, other)
        #expect(try Self.count(scratch, checkpoint) == 6)
        try scratch.write(segment, Array(bytes[...(try #require(bytes.firstIndex(of: 0x0A)))]))
        try scratch.remove("log/segments/000000000008.jsonl")
        #expect(throws: SignedLines.Problem.short(found: 5)) { try Self.count(scratch, checkpoint) }
    }

    @Test("whoever wants no more is told nothing of the rest")
    func stopped() throws {
        let (scratch, checkpoint) = try Self.made()
        var count = 0
        try SignedLines.read(directory: scratch.path + "/log", under: checkpoint) { _, _ in
            count += 1
            return count < 2
        }
        #expect(count == 2)
    }
}
