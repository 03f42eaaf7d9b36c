import Descriptors
import TestSupport
import Testing

@testable import Evidence

/// A log whose every line is remembered, so that what is left of it can be held against what was there.
final class WatchedLog {
    let scratch: ScratchDirectory
    private let perSegment: UInt64
    private var opened: ReceiptLog?
    private(set) var lines: [[UInt8]] = []
    private(set) var checkpoints: [Checkpoint] = []

    init(perSegment: UInt64) throws {
        scratch = try ScratchDirectory()
        self.perSegment = perSegment
        try open()
        try scratch.write("log/key.pub", Array((someKey().verifier.text + "\n").utf8))
    }

    var path: String { scratch.path + "/log" }
    var log: ReceiptLog { get throws { try #require(opened) } }

    /// As after the end of whoever wrote it.
    func close() { opened = nil }

    func open() throws {
        opened = nil
        opened = try scratch.log(perSegment: perSegment)
        try look()
    }

    func append(_ receipts: [Receipt]) throws {
        try log.append(receipts)
        try look()
    }

    func checkpoint() throws {
        let made = try log.checkpoint()
        if checkpoints.last != made { checkpoints.append(made) }
    }

    @discardableResult
    func retain(at time: UInt64, limit: Int = 1_000) throws -> ReceiptLog.Removal? {
        let removal = try log.retain(now: time, limit: limit)
        try look()
        return removal
    }

    /// The lines that are left, with their numbers.
    func kept() throws -> [(number: Int, line: [UInt8])] {
        var kept: [(number: Int, line: [UInt8])] = []
        try LogLines.read(directory: path) { line in
            kept.append((line.withUnsafeBytes { (try? ReceiptLine($0)).map { Int($0.number) } } ?? -1, line))
            return true
        }
        var reader = try ReceiptSource(path).reader()
        var shown: [[UInt8]] = []
        while let receipt = try reader.next() { shown.append(receipt.line) }
        #expect(shown == kept.map(\.line))
        return kept
    }

    private func look() throws {
        for (number, line) in try kept() {
            if number < lines.count {
                #expect(lines[number] == line)
            } else {
                #expect(number == lines.count)
                lines.append(line)
            }
        }
        #expect(try lines.count == Int(log.size))
    }
}
