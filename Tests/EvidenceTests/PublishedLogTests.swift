import Descriptors
import Glibc
import TestSupport
import Testing

@testable import Evidence

/// What of a log may be given away.
@Suite struct PublishedLogTests {
    private static let digest = SHA256.digest([1]).hex

    @Test(
        "what a log says and what verifies it is given, and nothing else of its directory, however it is called",
        arguments: [
            ("checkpoints", true), ("key.pub", true), ("keys", true), ("roots", true), ("segments/000000000004.jsonl", true),
            ("documents/\(digest)", true), ("key", false), ("key.next", false), ("lock", false), ("snapshot", false), ("", false),
            (".", false),
            ("contents/s/1", false), ("commitment-keys/s", false), ("aside/x", false), ("segments", false), ("segments/", false),
            ("segments/4.jsonl", false), ("segments/../key", false), ("documents/../key", false), ("documents/\(digest)/x", false),
            ("documents/\(digest.uppercased())", false), ("/segments/000000000004.jsonl", false), ("segments//000000000004.jsonl", false),
            ("../evidence/key", false), ("key.pub\u{0}", false),
        ])
    func names(name: String, isPublished: Bool) { #expect(PublishedLog.isPublished(name) == isPublished) }

    @Test("files come in an order, page by page, and are read part by part")
    func reading() throws {
        let scratch = try ScratchDirectory()
        try makeSmallLog(scratch)
        let log = PublishedLog(directory: scratch.path + "/log")
        var names: [String] = []
        while true {
            let page = try log.files(after: names.last ?? "", limit: 2)
            if page.isEmpty { break }
            for file in page { #expect(try scratch.read("log/" + file.name).count == file.size) }
            names += page.map(\.name)
        }
        #expect(names == ["checkpoints", "key.pub"] + [0, 4, 8].map { "segments/" + LogFiles.segment(from: $0) })
        let whole = try scratch.read("log/checkpoints")
        var read: [UInt8] = []
        while let part = try log.read("checkpoints", from: read.count, limit: 7), !part.bytes.isEmpty {
            #expect(part.size == whole.count && part.bytes.count <= 7)
            read += part.bytes
        }
        #expect(read == whole)
        for name in ["key", "segments/000000000099.jsonl"] { #expect(try log.read(name, from: 0, limit: 7) == nil) }
        #expect(try log.read("checkpoints", from: 1 << 40, limit: 7)?.bytes == [] && log.read("checkpoints", from: -1, limit: 7) == nil)
    }

    @Test("a link in its place is not followed")
    func links() throws {
        let scratch = try ScratchDirectory()
        try makeSmallLog(scratch)
        try scratch.remove("log/key.pub")
        #expect(symlink("key", scratch.path + "/log/key.pub") == 0)
        #expect(throws: Errno.self) { try PublishedLog(directory: scratch.path + "/log").read("key.pub", from: 0, limit: 100) }
    }
}
