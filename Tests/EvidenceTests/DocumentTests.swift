import Descriptors
import StrictJSON
import TestSupport
import Testing

@testable import Evidence

@Suite struct DocumentTests {
    let scratch: ScratchDirectory
    /// What `facts` names as policy, plan and host.
    static let contents: [[UInt8]] = [[1], [2], [3]]

    init() throws {
        scratch = try ScratchDirectory()
    }

    private func verified() -> VerificationReport { verify(directory: scratch.path + "/log") }

    private func makeLog(keeping documents: [[UInt8]] = contents) throws {
        let log = try scratch.log()
        for document in documents { #expect(try log.keep(document: document) == SHA256.digest(document)) }
        try log.append(receipt(.launch, session: "s1"))
        try log.append(receipt(.launch, session: "one"))
        try log.checkpoint()
        try scratch.write("log/key.pub", Array((someKey().verifier.text + "\n").utf8))
    }

    @Test("documents lie under their digests, for the owner alone, and are counted by whoever verifies")
    func kept() throws {
        try makeLog()
        #expect(try scratch.names("log/documents") == Self.contents.map { SHA256.digest($0).hex }.sorted())
        for document in Self.contents {
            let name = "log/documents/\(SHA256.digest(document).hex)"
            #expect(try scratch.read(name) == document)
            #expect(try WorkingDirectory().status(of: "\(scratch.path)/\(name)").permissions == 0o600)
        }
        let report = verified()
        #expect(report.isGood && report.documents == 3 && report.documentsAbsent == 0)
    }

    @Test("what receipts name and nobody kept is counted, and is no finding")
    func absent() throws {
        try makeLog(keeping: [[2]])
        let report = verified()
        #expect(report.isGood && report.documents == 1 && report.documentsAbsent == 2)
        try scratch.remove("log/documents/\(SHA256.digest([2]).hex)")
        try WorkingDirectory().removeDirectory("\(scratch.path)/log/documents")
        #expect(verified().isGood && verified().documentsAbsent == 3)
    }

    @Test("every changed byte of a document is found, and what does not belong there")
    func changed() throws {
        let document = Array(#"{"name":"notes","sandboxd":1}"#.utf8)
        try makeLog(keeping: [document])
        let name = "documents/\(SHA256.digest(document).hex)"
        for at in document.indices {
            for other in [document[..<at] + document[(at + 1)...], document[...at] + document[at...], document[..<at]] {
                try scratch.write("log/\(name)", Array(other))
                #expect(verified().findings == [Finding(.documentMismatch, name)])
            }
        }
        try scratch.write("log/\(name)", document)
        try scratch.write("log/documents/other", [])
        #expect(verified().findings == [Finding(.foreignFile, "documents/other")])
    }

    @Test("a document that is there is not written again; one that was changed is")
    func again() throws {
        let log = try scratch.log()
        let document = Array("{}".utf8)
        let path = "\(scratch.path)/log/documents/\(try log.keep(document: document).hex)"
        let inode = try WorkingDirectory().status(of: path).inode
        _ = try log.keep(document: document)
        #expect(try WorkingDirectory().status(of: path).inode == inode)
        for other in ["", "{", "[]", "{}}"] {
            try WorkingDirectory().open(path, [.write, .truncate]).writeWhole(other)
            _ = try log.keep(document: document)
            #expect(try WorkingDirectory().contents(of: path, limit: 10) == document)
        }
    }

    @Test("what a crash left half written is no finding, and is gone with the next document")
    func unfinished() throws {
        try makeLog()
        try scratch.write("log/documents/new", Array("{\"half".utf8))
        #expect(verified().isGood)
        _ = try scratch.log().keep(document: Array("{}".utf8))
        #expect(try scratch.names("log/documents").count == 4 && !(try scratch.names("log/documents").contains("new")))
    }

    @Test("what cannot be kept is an error, and leaves no name behind")
    func failing() throws {
        let log = try scratch.log()
        #expect(throws: LogError.system(.fileTooLarge)) { try log.keep(document: [UInt8](repeating: 0x20, count: Documents.limit + 1)) }
        try WorkingDirectory().makeDirectory("\(scratch.path)/log/documents")
        // Something that cannot be replaced by a file stands in the way.
        try WorkingDirectory().makeDirectory("\(scratch.path)/log/documents/\(SHA256.digest([7]).hex)")
        #expect(throws: LogError.self) { try log.keep(document: [7]) }
        try WorkingDirectory().makeDirectory("\(scratch.path)/log/documents/new")
        #expect(throws: LogError.system(.isDirectory)) { try log.keep(document: [8]) }
        #expect(try scratch.names("log/documents").count == 2)
    }

    @Test("the census counts each name once, however often and in whatever order lines have it")
    func census() throws {
        var census = DocumentCensus()
        let digests = (0..<300).map { SHA256.digest([UInt8($0 & 0xFF), UInt8($0 >> 8)]) }
        for _ in 0..<3 {
            for (index, digest) in digests.enumerated() {
                var names = NamedDocuments()
                names.policy = DigestText(digests[index % 7])
                names.plan = DigestText(digest)
                census.add(names)
            }
        }
        #expect(census.named == [.policy: Set(digests[..<7]), .plan: Set(digests)])
        #expect(census.digests == Set(digests))
        #expect(census.kind(of: digests[3]) == .policy && census.kind(of: digests[9]) == .plan && census.kind(of: SHA256.digest([])) == nil)
    }

    @Test("both readers of a line take the same names from it")
    func names() throws {
        let line = try receipt(.launch, session: "s1").line(number: 3, sessionNumber: 1, custody: .daemon)
        let quick = try #require(line.withUnsafeBytes { ReceiptLine(scanning: $0) })
        #expect(try ReceiptLine(line) == quick)
        #expect(DocumentRole.allCases.map { quick.documents[$0].digest } == Self.contents.map { SHA256.digest($0) })
    }
}
