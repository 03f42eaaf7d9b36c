import Descriptors
import TestSupport
import Testing

@Suite struct FileTests {
    let scratch: ScratchDirectory

    init() throws {
        scratch = try ScratchDirectory()
    }

    @Test("a written file reads back, at an offset and whole, and not beyond the limit")
    func roundTrip() throws {
        let directory = try WorkingDirectory().open(scratch.path, [.directory])
        let file = try directory.open("a", [.readWrite, .create, .exclusive], mode: 0o640)
        try file.writeWhole("hello world")
        #expect(try file.bytes(at: 6, count: 100) == Array("world".utf8))
        #expect(try directory.contents(of: "a", limit: 11) == Array("hello world".utf8))
        #expect(try directory.contents(of: "a", limit: 10) == nil)
        let status = try file.status()
        #expect(status.isRegularFile && status.size == 11 && status.permissions == 0o640)
    }

    @Test("names come sorted by bytes, also those that are not UTF-8, and can be renamed and removed")
    func names() throws {
        let directory = try WorkingDirectory().open(scratch.path, [.directory])
        let odd: [UInt8] = [0xFF, 0x62]
        for name in [odd, Array("b".utf8), Array("a".utf8)] { _ = try directory.open(name, [.write, .create]).release() }
        #expect(try directory.names() == [Array("a".utf8), Array("b".utf8), odd])
        try directory.rename("a", to: "c")
        try directory.unlink(odd)
        #expect(try directory.names() == [Array("b".utf8), Array("c".utf8)])
    }

    @Test("sealed memory reads back and can be neither written nor cut")
    func seals() throws {
        let memory = try SealedMemory.make(name: "policy", bytes: Array("sandboxd: 1".utf8))
        #expect(try memory.isSealed())
        #expect(try memory.sealedContents(limit: 11) == Array("sandboxd: 1".utf8))
        #expect(try memory.sealedContents(limit: 10) == nil)
        #expect(throws: Errno.permission) { try memory.writeWhole("x") }
        #expect(throws: Errno.permission) { try memory.truncate(to: 0) }
        let file = try WorkingDirectory().open(scratch.path + "/plain", [.readWrite, .create])
        #expect(try !file.isSealed())
        #expect(try file.sealedContents(limit: 11) == nil)
    }
}
