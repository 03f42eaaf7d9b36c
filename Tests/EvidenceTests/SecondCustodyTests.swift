import Descriptors
import TestSupport
import Testing

@testable import Evidence

/// Checkpoints that somebody else keeps, too.
@Suite struct SecondCustodyTests {
    let scratch: ScratchDirectory

    init() throws {
        scratch = try ScratchDirectory()
    }

    /// The fields of a message in the journal's native protocol, as whoever receives it reads them.
    private func fields(_ bytes: [UInt8]) throws -> [String: String] {
        var fields: [String: String] = [:]
        var rest = bytes[...]
        while !rest.isEmpty {
            let end = try #require(rest.firstIndex { $0 == 0x0A || $0 == UInt8(ascii: "=") })
            let name = String(decoding: rest[..<end], as: UTF8.self)
            var value = rest[(end + 1)...]
            if rest[end] == 0x0A {
                let count = value.prefix(8).enumerated().reduce(0) { $0 + Int($1.element) << (8 * $1.offset) }
                value = value.dropFirst(8).prefix(count)
            } else {
                value = value.prefix { $0 != 0x0A }
            }
            fields[name] = String(decoding: value, as: UTF8.self)
            rest = rest[(value.endIndex + 1)...]
        }
        return fields
    }

    @Test("the journal gets the whole note, and what finds it again")
    func journal() throws {
        let checkpoint = Checkpoint(size: 7, root: SHA256.digest([1]), key: someKey())
        let fields = try fields(checkpoint.journalEntry.bytes)
        let note = try #require(fields["SANDBOXD_CHECKPOINT"])
        #expect(Checkpoint(text: note) == checkpoint)
        #expect(fields["SANDBOXD_LOG"] == someKey().verifier.name && fields["SANDBOXD_SIZE"] == "7")
        #expect(fields["SANDBOXD_ROOT"] == Base64.encode(SHA256.digest([1]).bytes) && fields["SYSLOG_IDENTIFIER"] == "sandboxd")
        #expect(fields["MESSAGE"]?.contains("\n") == false)
    }

    @Test("syslog gets it on one line")
    func syslog() throws {
        let checkpoint = Checkpoint(size: 7, root: SHA256.digest([1]), key: someKey())
        let line = String(decoding: checkpoint.syslogMessage(process: 9), as: UTF8.self)
        #expect(line.hasPrefix("<86>sandboxd[9]: checkpoint of ") && !line.contains("\n"))
        let word = try #require(line.split(separator: " ").last)
        let note = try #require(Base64.decode(String(word)))
        #expect(Checkpoint(text: String(decoding: note, as: UTF8.self)) == checkpoint)
    }

    @Test("a log that is cut and signed anew with the stolen key passes for itself, and not for whoever kept a checkpoint")
    func stolenKey() throws {
        try makeSmallLog(scratch)
        let kept = try #require(try scratch.log().lastCheckpoint)
        let segment = "log/segments/000000000008.jsonl"
        let whole = try scratch.read(segment)
        let end = try #require(whole.firstIndex(of: 0x0A))
        try scratch.write(segment, Array(whole[...end]))
        try scratch.write("log/checkpoints", [])
        try scratch.log().checkpoint()
        let path = scratch.path + "/log"
        #expect(verify(directory: path).findings == [])
        #expect(
            verify(directory: path, expecting: LogExpectation(checkpoint: kept)).findings.map(\.problem) == [
                .truncated(signed: 11, found: 9)
            ])
        // As long as it was, with other receipts at its end.
        let log = try scratch.log()
        for _ in 0..<2 { try log.append(receipt(.decision, session: "one", text: "forged")) }
        try log.checkpoint()
        #expect(verify(directory: path).findings == [])
        #expect(
            verify(directory: path, expecting: LogExpectation(checkpoint: kept)).findings.map(\.problem) == [
                .knownCheckpointViolated(size: 11)
            ])
    }

    @Test("a log is signed every 1,000 receipts, and after 10 seconds while there are new ones")
    func rhythm() {
        let rhythm = CheckpointRhythm.standard
        #expect(!rhythm.isDue(pending: 0, since: 100_000_000_000))
        #expect(!rhythm.isDue(pending: 1, since: 9_999_999_999) && rhythm.isDue(pending: 1, since: 10_000_000_000))
        #expect(!rhythm.isDue(pending: 999, since: 0) && rhythm.isDue(pending: 1_000, since: 0))
    }
}
