import Descriptors
import StrictJSON
import TestSupport
import Testing

@testable import Evidence

@Suite struct SourceTests {
    let scratch: ScratchDirectory

    init() throws {
        scratch = try ScratchDirectory()
        try makeSmallLog(scratch)
    }

    private func source(_ name: String = "log") throws -> ReceiptSource { try ReceiptSource("\(scratch.path)/\(name)") }

    private func numbers(_ source: ReceiptSource) throws -> [Int64] {
        var numbers: [Int64] = []
        try source.read { receipt in
            numbers.append(receipt.parsed()?[ReceiptFields.number]?.int64 ?? -1)
            return true
        }
        return numbers
    }

    @Test("a log's receipts come in order, as the bytes that lie there")
    func order() throws {
        let source = try source()
        #expect(source.form == .log)
        #expect(try numbers(source) == Array(0..<11))
        var bytes: [UInt8] = []
        try source.read { receipt in
            bytes += receipt.line + [0x0A]
            return true
        }
        #expect(try bytes == ["0", "4", "8"].flatMap { try scratch.read("log/segments/00000000000\($0).jsonl") })
    }

    @Test("reading ends where the reader says so")
    func stop() throws {
        var count = 0
        try source().read { _ in
            count += 1
            return count < 5
        }
        #expect(count == 5)
    }

    @Test("at the end a reader waits for what is appended, over segments, and never gives half a line")
    func following() throws {
        let log = try scratch.log()
        var reader = try source().reader()
        while try reader.next() != nil {}
        for index in 0..<9 {
            try log.append(receipt(.decision, session: "three", text: "\(index)"))
            #expect(try reader.next()?.parsed()?[ReceiptFields.number]?.int64 == Int64(11 + index))
            #expect(try reader.next() == nil)
        }
        let last = "log/segments/\(try #require(try scratch.names("log/segments").sorted().last))"
        let whole = try scratch.read(last)
        try scratch.write(last, whole + Array(#"{"body":{}"#.utf8))
        #expect(try reader.next() == nil)
        try scratch.write(last, whole + Array("{\"body\":{}}\n".utf8))
        #expect(try reader.next()?.line == Array(#"{"body":{}}"#.utf8))
    }

    @Test("a line that is no receipt is given as it is; one without end is an error")
    func foreign() throws {
        let name = "log/segments/000000000008.jsonl"
        try scratch.write(name, Array("no receipt\n".utf8))
        #expect(try numbers(source()) == Array(0..<8) + [-1])
        try scratch.write(name, [UInt8](repeating: 0x20, count: 3 << 20))
        #expect(throws: ReceiptSourceError.lineTooLong(file: "segments/000000000008.jsonl", line: 1)) { try numbers(source()) }
    }

    @Test("what is no log is said")
    func nothing() throws {
        #expect(throws: ReceiptSourceError.system(.noEntry)) { try source("none") }
        #expect(throws: ReceiptSourceError.notBundle) { try source("log/key.pub") }
        #expect(throws: ReceiptSourceError.system(.noEntry)) { try ReceiptSource(scratch.path) }
    }

    @Test("a document is found by its digest, and nil where it is not kept")
    func documents() throws {
        let digest = SHA256.digest(Array("{}".utf8))
        #expect(try source().document(digest) == nil)
        try WorkingDirectory().makeDirectory("\(scratch.path)/log/documents")
        #expect(try source().document(digest) == nil)
        try scratch.write("log/documents/\(digest.hex)", Array("{}".utf8))
        #expect(try source().document(digest) == Array("{}".utf8))
    }
}
