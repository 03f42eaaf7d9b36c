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
        try SignedLines.read(scratch.path + "/log", under: checkpoint) { number, _ in
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
        try SignedLines.read(scratch.path + "/log", under: checkpoint) { _, _ in
            count += 1
            return count < 2
        }
        #expect(count == 2)
    }

    @Test("of a bundle the receipts that it has are handed over with their numbers, and what is changed in it is found out")
    func bundle() throws {
        let (scratch, _) = try Self.made()
        let path = scratch.path + "/log"
        let whole = try Self.written(scratch, BundleFilter())
        let checkpoint = try #require(try ReceiptSource(scratch.path + "/bundle").checkpoint)
        var lines: [[UInt8]] = []
        try SignedLines.read(path, under: checkpoint) { _, line in
            lines.append(line)
            return true
        }
        #expect(try Self.handedOver(scratch, checkpoint).map(\.line) == lines)
        let some = try Self.written(scratch, BundleFilter(session: "two"))
        let few = try Self.handedOver(scratch, checkpoint)
        #expect(!few.isEmpty && few.count < lines.count && few.allSatisfy { lines[Int($0.number)] == $0.line })
        for bytes in [whole, some] {
            let tree = try #require(bytes.firstIndex(of: 0x0A)) + 1
            for index in tree..<bytes.count where index % 7 == 0 {
                var changed = bytes
                changed[index] ^= 1
                try scratch.write("bundle", changed)
                // The end, and documents, are not of the tree; `verify` judges them.
                let isOfTree = index < bytes.lastLine && !bytes.isDocument(at: index)
                if isOfTree { #expect(throws: SignedLines.Problem.self, "byte \(index)") { try Self.handedOver(scratch, checkpoint) } }
            }
        }
    }

    private static func written(_ scratch: ScratchDirectory, _ filter: BundleFilter?) throws -> [UInt8] {
        var bytes: [UInt8] = []
        _ = try BundleWriter(directory: scratch.path + "/log", filter: try #require(filter)).write { piece in
            bytes += piece
            return true
        }
        try scratch.write("bundle", bytes)
        return bytes
    }

    private static func handedOver(
        _ scratch: ScratchDirectory, _ checkpoint: Checkpoint
    ) throws(SignedLines.Problem) -> [(number: UInt64, line: [UInt8])] {
        var found: [(UInt64, [UInt8])] = []
        try SignedLines.read(scratch.path + "/bundle", under: checkpoint) { number, line in
            found.append((number, line))
            return true
        }
        return found
    }
}

extension [UInt8] {
    /// Where it begins.
    fileprivate var lastLine: Int { (dropLast().lastIndex(of: 0x0A) ?? -1) + 1 }

    fileprivate func isDocument(at index: Int) -> Bool {
        self[((self[..<index].lastIndex(of: 0x0A) ?? -1) + 1)...].starts(with: #"{"document":"#.utf8)
    }
}
