import Descriptors
import Glibc
import StrictJSON
import TestSupport
import Testing

@testable import Evidence

@Suite struct LogTests {
    let scratch: ScratchDirectory

    init() throws {
        scratch = try ScratchDirectory()
    }

    private func lines(_ name: String) throws -> [String] {
        String(decoding: try scratch.read(name), as: UTF8.self).split(separator: "\n").map { String($0) }
    }

    @Test("a receipt's line is canonical JSON with its numbers, and reads back")
    func line() throws {
        let log = try scratch.log()
        #expect(try log.append(receipt(.decision, session: "s-1")) == 1)
        let text = try lines("log/segments/000000000000.jsonl")[1]
        let bytes = Array(text.utf8)
        #expect(try JSON(parsing: bytes).canonical() == bytes)
        #expect(text.hasPrefix(#"{"body":{"a":7,"text":"x"},"custody":"daemon","host":"084fed08"#))
        #expect(text.hasSuffix(#","session":"s-1","sessionNumber":1,"time":"2026-01-31T08:05:00.000123Z"}"#))
        #expect(try ReceiptLine(bytes).place == SessionPlace(try #require(try JSON(parsing: bytes).object)))
    }

    @Test(
        "times are written as RFC 3339 writes them",
        arguments: [
            (0, "1970-01-01T00:00:00.000000Z"), (951_782_400, "2000-02-29T00:00:00.000000Z"),
            (1_709_251_199, "2024-02-29T23:59:59.000000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000000Z"), (1_735_689_599, "2024-12-31T23:59:59.000000Z"),
        ] as [(UInt64, String)])
    func times(seconds: UInt64, text: String) {
        #expect(Timestamp(nanoseconds: seconds * 1_000_000_000).text == text)
        #expect(Timestamp.isForm(text))
        #expect(!Timestamp.isForm(text.replacing("T", with: " ")))
        #expect(Timestamp.isForm(Timestamp(nanoseconds: .max).text))
    }

    @Test("of a time, whatever byte is put anywhere, only a digit for a digit is a time, and only within its field's range")
    func changedTimes() {
        let text = Array("2024-12-11T22:53:51.123456Z".utf8)
        func number(_ bytes: [UInt8], _ at: Int) -> Int { (Int(bytes[at]) - 0x30) * 10 + Int(bytes[at + 1]) - 0x30 }
        for index in text.indices {
            for byte in UInt8.min...UInt8.max {
                var changed = text
                changed[index] = byte
                let isDigit = (0x30...0x39).contains(byte)
                let isAlike = (0x30...0x39).contains(text[index]) ? isDigit : byte == text[index]
                let isDay = (1...12).contains(number(changed, 5)) && (1...31).contains(number(changed, 8))
                let isForm = isAlike && isDay && number(changed, 11) < 24 && number(changed, 14) < 60 && number(changed, 17) < 60
                #expect(changed.withUnsafeBufferPointer { Timestamp.isForm($0) } == isForm, "\(byte) at \(index)")
            }
        }
    }

    @Test("a log goes on where it stopped: numbers, sessions, tree and segments")
    func reopening() throws {
        for round in 0..<7 {
            let log = try scratch.log(perSegment: 4)
            #expect(log.size == UInt64(round == 0 ? 1 : 1 + round * 3))
            try log.append([receipt(.decision, session: "a"), receipt(.decision, session: "b"), receipt(.outcome, session: "a")])
            if round % 2 == 0 { try log.checkpoint() }
        }
        try scratch.write("log/key.pub", Array((someKey().verifier.text + "\n").utf8))
        let report = verify(directory: scratch.path + "/log")
        #expect(report.findings == [])
        #expect(report.receipts == 22 && report.sessions == 2 && report.pending == 0 && report.checkpoints == 4)
        #expect(try scratch.names("log/segments").count == 6)
        let entries = try scratch.names("log/segments").flatMap { try lines("log/segments/\($0)") }.map { Array($0.utf8) }
        #expect(report.signedRoot == naiveRoot(entries[...]))
    }

    @Test("the first receipt names the key, and a log is not continued with another")
    func otherKey() throws {
        do {
            let log = try scratch.log()
            try log.checkpoint()
        }
        let first = try JSON(parsing: Array(try lines("log/segments/000000000000.jsonl")[0].utf8))
        #expect(first["body"]?["key"]?.string == someKey().verifier.text)
        let other = try #require(SigningKey(seed: [UInt8](repeating: 9, count: 32)))
        #expect(throws: LogError.otherKey(someKey().verifier)) { try scratch.log(key: other) }
    }

    @Test("only one process writes a log")
    func locked() throws {
        let take = "python3 -c 'import fcntl, sys; fcntl.lockf(open(sys.argv[1], \"r+\"), fcntl.LOCK_EX | fcntl.LOCK_NB)'"
        do {
            let log = try scratch.log()
            #expect(system("\(take) \(scratch.path)/log/lock 2>/dev/null") != 0)
            try log.append(receipt(.exit, session: "a"))
        }
        #expect(system("\(take) \(scratch.path)/log/lock") == 0)
    }

    @Test("a log cut anywhere in its last line is opened again: the torn end is kept aside and recorded, and all verifies")
    func tornLines() throws {
        try makeSmallLog(scratch)
        do {
            let log = try scratch.log()
            try log.append(receipt(.decision, session: "three"))
        }
        let segment = "segments/000000000008.jsonl"
        let whole = try scratch.read("log/\(segment)")
        let lastStart = try #require(whole.dropLast().lastIndex(of: 0x0A)) + 1
        for cut in lastStart..<whole.count {
            try copyLog(to: "cut")
            try scratch.write("cut/\(segment)", Array(whole[..<cut]))
            do {
                let log = try scratch.log("cut")
                #expect(log.size == (cut == lastStart ? 11 : 12))
                try log.append(receipt(.decision, session: "three"))
                try log.checkpoint()
            }
            #expect(verify(directory: scratch.path + "/cut").findings == [], "cut at \(cut)")
            if cut > lastStart {
                #expect(try scratch.read("cut/aside/000000000008.jsonl.0.torn") == Array(whole[lastStart..<cut]))
            }
        }
    }

    @Test("a checkpoints file cut anywhere in its last note is opened again, and all verifies")
    func tornCheckpoints() throws {
        try makeSmallLog(scratch)
        let whole = try scratch.read("log/checkpoints")
        for cut in whole.count / 3 * 2 + 1..<whole.count {
            try copyLog(to: "cut")
            try scratch.write("cut/checkpoints", Array(whole[..<cut]))
            try scratch.log("cut").checkpoint()
            #expect(verify(directory: scratch.path + "/cut").findings == [], "cut at \(cut)")
            let isBetween = cut == whole.count / 3 * 2
            #expect(try isBetween || !scratch.names("cut/aside").isEmpty)
        }
    }

    @Test("a log of whose last lines any part is zeros is opened again: from there on it is kept aside, and all verifies")
    func zeros() throws {
        try makeSmallLog(scratch)
        do {
            let log = try scratch.log()
            try log.append(receipt(.decision, session: "three"))
        }
        // Three receipts of the last segment are signed, the fourth is not.
        let segment = "segments/000000000008.jsonl"
        let whole = try scratch.read("log/\(segment)")
        let lastStart = try #require(whole.dropLast().lastIndex(of: 0x0A)) + 1
        for start in lastStart..<whole.count {
            for end in [start + 1, (start + whole.count) / 2 + 1, whole.count] where end <= whole.count {
                let torn = whole[..<start] + [UInt8](repeating: 0, count: end - start) + whole[end...]
                try copyLog(to: "cut")
                try scratch.write("cut/\(segment)", Array(torn))
                do {
                    let log = try scratch.log("cut")
                    #expect(log.size == 12)
                    try log.append(receipt(.decision, session: "three"))
                    try log.checkpoint()
                }
                #expect(verify(directory: scratch.path + "/cut").findings == [], "zeros from \(start) to \(end)")
                #expect(try scratch.read("cut/aside/000000000008.jsonl.0.torn") == Array(torn[lastStart...]))
            }
        }
        // Within what is signed they are damage.
        for start in stride(from: 0, to: lastStart, by: 97) {
            try copyLog(to: "cut")
            try scratch.write("cut/\(segment)", Array(whole[..<start] + [UInt8](repeating: 0, count: whole.count - start)))
            #expect(throws: LogError.self, "zeros from \(start)") { try scratch.log("cut") }
            #expect(try scratch.names("cut/aside") == [])
        }
    }

    @Test("a last checkpoint of which any part is zeros is kept aside, and one before it is damage")
    func zeroedCheckpoints() throws {
        try makeSmallLog(scratch)
        let whole = try scratch.read("log/checkpoints")
        let start = try #require(CheckpointFile(in: try WorkingDirectory().open(scratch.path + "/log", .directory)).entries.last).offset
        for zeros in start..<whole.count {
            for end in [zeros + 1, whole.count] {
                try copyLog(to: "cut")
                try scratch.write("cut/checkpoints", Array(whole[..<zeros] + [UInt8](repeating: 0, count: end - zeros) + whole[end...]))
                try scratch.log("cut").checkpoint()
                #expect(verify(directory: scratch.path + "/cut").findings == [], "zeros from \(zeros) to \(end)")
            }
        }
        try copyLog(to: "cut")
        try scratch.write("cut/checkpoints", [0] + whole.dropFirst())
        _ = try scratch.log("cut")
        #expect(verify(directory: scratch.path + "/cut").findings.map(\.problem) == [.malformedCheckpoint])
    }

    @Test("a log that was changed or cut below what was signed is not opened")
    func damaged() throws {
        try makeSmallLog(scratch)
        let segment = "log/segments/000000000008.jsonl"
        let whole = try scratch.read(segment)
        let start = try #require(whole.dropLast().lastIndex(of: 0x0A)) + 1
        try scratch.write(segment, Array(whole[..<start]))
        #expect(throws: LogError.damaged(Finding(.truncated(signed: 11, found: 10), "checkpoints"))) { try scratch.log() }
        try scratch.write(segment, Array(String(decoding: whole, as: UTF8.self).replacing("\"x\"", with: "\"y\"").utf8))
        #expect(throws: LogError.damaged(Finding(.rootMismatch(first: 0, size: 11), "checkpoints"))) { try scratch.log() }
        try scratch.write(segment, whole)
        #expect(try scratch.log().size == 11)
    }

    @Test("a key is made once, readable by its owner alone, and never made anew for a log that was signed")
    func keyFile() throws {
        let path = scratch.path + "/log"
        let key = try SigningKey.openOrCreate(in: path)
        #expect(try SigningKey.openOrCreate(in: path).verifier == key.verifier)
        #expect(try WorkingDirectory().status(of: path + "/key").permissions == 0o600)
        #expect(try WorkingDirectory().status(of: path).permissions == 0o700)
        #expect(try scratch.read("log/key.pub") == Array((key.verifier.text + "\n").utf8))
        try scratch.log(key: key).checkpoint()
        try scratch.remove("log/key")
        #expect(throws: LogError.missingKey) { try SigningKey.openOrCreate(in: path) }
        try scratch.write("log/key", Array("PRIVATE+KEY+x\n".utf8))
        #expect(throws: LogError.malformedKey) { try SigningKey.openOrCreate(in: path) }
    }

    @Test("on a full disk a receipt is an error, and the log is as before")
    func fullDisk() throws {
        var file = try AppendedFile("/dev/full", in: WorkingDirectory())
        #expect(throws: Errno.noSpace) { try file.append([1, 2, 3]) }
        let size = file.size
        #expect(size == 0)
    }

    private func copyLog(to name: String) throws {
        for directory in [name, "\(name)/segments"] { try? WorkingDirectory().makeDirectory("\(scratch.path)/\(directory)") }
        for file in ["key.pub", "checkpoints"] { try scratch.write("\(name)/\(file)", try scratch.read("log/\(file)")) }
        for old in (try? scratch.names("\(name)/aside")) ?? [] { try scratch.remove("\(name)/aside/\(old)") }
        for old in try scratch.names("\(name)/segments") { try scratch.remove("\(name)/segments/\(old)") }
        for file in try scratch.names("log/segments") {
            try scratch.write("\(name)/segments/\(file)", try scratch.read("log/segments/\(file)"))
        }
    }
}
