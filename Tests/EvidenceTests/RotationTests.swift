import Descriptors
import StrictJSON
import TestSupport
import Testing

@testable import Evidence

@Suite struct RotationTests {
    let scratch: ScratchDirectory
    private struct Stopped: Error {}

    init() throws {
        scratch = try ScratchDirectory()
    }

    private func open(_ name: String = "log") throws -> ReceiptLog {
        try ReceiptLog.open(keepingKeyIn: "\(scratch.path)/\(name)", custody: .daemon, receiptsPerSegment: 4, time: someTime)
    }

    private func verified(_ name: String = "log", _ expectation: LogExpectation = LogExpectation()) -> VerificationReport {
        verify(directory: "\(scratch.path)/\(name)", expecting: expectation)
    }

    private func problems(_ name: String = "log", _ expectation: LogExpectation = LogExpectation()) -> [Finding.Problem] {
        verified(name, expectation).findings.map(\.problem)
    }

    /// A log of three keys, signed after each piece; returns the keys.
    private func makeRotated(_ name: String = "log") throws -> [VerifierKey] {
        let log = try open(name)
        for round in 0..<3 {
            for index in 0..<3 { try log.append(receipt(.decision, session: "one", text: "\(round) \(index)")) }
            try log.checkpoint()
            if round < 2 { try log.rotateKey(isKept: true, time: someTime) }
        }
        return log.keys.keys
    }

    private func copy(_ from: String, _ to: String) throws {
        for directory in [to, to + "/segments", to + "/aside"] {
            do { try WorkingDirectory().makeDirectory("\(scratch.path)/\(directory)") } catch {
                if error != .exists { throw error }
            }
        }
        for name in try scratch.names(from) where !["segments", "aside", "lock"].contains(name) {
            try scratch.write("\(to)/\(name)", try scratch.read("\(from)/\(name)"))
        }
        for name in try scratch.names(from + "/segments") {
            try scratch.write("\(to)/segments/\(name)", try scratch.read("\(from)/segments/\(name)"))
        }
    }

    @Test("a log goes on under a new key and keeps its name; whoever has any of its keys verifies all of it")
    func rotates() throws {
        let keys = try makeRotated()
        #expect(keys.count == 3 && Set(keys).count == 3 && Set(keys.map(\.name)).count == 1)
        let report = verified()
        #expect(report.findings == [] && report.keys?.keys == keys && report.key == keys[2] && report.pending == 0)
        for key in keys { #expect(problems("log", LogExpectation(key: key)) == []) }
        #expect(String(decoding: try scratch.read("log/keys"), as: UTF8.self) == "\(keys[0].text)\n\(keys[1].text)\n")
        #expect(String(decoding: try scratch.read("log/key.pub"), as: UTF8.self) == keys[2].text + "\n")
        #expect(try scratch.names("log").contains("key.next") == false)
        #expect(try WorkingDirectory().status(of: scratch.path + "/log/key").permissions == 0o600)
        // And it is opened with the last one.
        #expect(try open().verifier == keys[2])
        let foreign = try #require(SigningKey(name: keys[0].name, seed: [UInt8](repeating: 7, count: 32)))
        #expect(problems("log", LogExpectation(key: foreign.verifier)).contains(.unexpectedKey(expected: foreign.verifier)))
        var expectation = LogExpectation(key: keys[1])
        expectation.otherKeys = [foreign.verifier]
        #expect(problems("log", expectation) == [.unexpectedKey(expected: foreign.verifier)])
    }

    @Test("the receipt of an exchange names log, size and root, and both keys signed it")
    func statement() throws {
        let keys = try makeRotated()
        var number: UInt64 = 0, found: [KeyRotation] = []
        try LogLines.read(directory: scratch.path + "/log") { line in
            if let rotation = try? line.withUnsafeBytes({ try LogEvent.rotation(ReceiptLine(line), $0) }) {
                #expect(rotation.size == number)
                found.append(rotation)
            }
            number += 1
            return true
        }
        #expect(found.map(\.old) == [keys[0], keys[1]] && found.map(\.new) == [keys[1], keys[2]])
        for rotation in found { #expect(throws: Never.self) { try rotation.checkSignatures() } }
    }

    @Test("a crash between any two steps leaves a log that verifies, opens and goes on", arguments: ReceiptLog.RotationStep.allCases)
    func crash(step: ReceiptLog.RotationStep) throws {
        do {
            let log = try open()
            try log.append(receipt(.decision, session: "one"))
            // What is on the disk when the process dies here; the error stands for its death.
            #expect(throws: LogError.broken) {
                try log.rotateKey(to: nil, isKept: true, time: someTime) { reached throws(LogError) in if reached == step { throw .broken }
                }
            }
        }
        #expect(problems() == [])
        let wasRecorded = ![.keptNext, .signedByOld].contains(step)
        do {
            let log = try open()
            #expect(log.keys.keys.count == (wasRecorded ? 2 : 1))
            try log.append(receipt(.decision, session: "one"))
            try log.checkpoint()
            try log.rotateKey(isKept: true, time: someTime)
        }
        let report = verified()
        #expect(report.findings == [] && report.keys?.keys.count == (wasRecorded ? 3 : 2))
        #expect(try scratch.names("log").contains("key.next") == false)
        #expect(try open().size > 0)
    }

    @Test("an exchange whose receipt is torn did not happen")
    func tornReceipt() throws {
        do {
            let log = try open()
            try log.append(receipt(.decision, session: "one"))
            try? log.rotateKey(to: nil, isKept: true, time: someTime) { reached throws(LogError) in
                if reached == .recorded { throw .broken }
            }
        }
        let segment = "log/segments/000000000000.jsonl"
        try scratch.write(segment, try scratch.read(segment).dropLast(10))
        let first = try SigningKey.openOrCreate(in: scratch.path + "/log").verifier
        do {
            let log = try open()
            #expect(log.verifier == first && log.keys.keys == [first])
            try log.checkpoint()
        }
        #expect(problems() == [])
    }

    @Test("without the key that the log tells of it is not opened", arguments: [true, false])
    func missingNext(isKept: Bool) throws {
        let key: SigningKey
        do {
            let log = try open()
            key = log.key
            try? log.rotateKey(to: nil, isKept: true, time: someTime) { reached throws(LogError) in
                if reached == .keptPublic { throw .broken }
            }
        }
        if isKept {
            try scratch.remove("log/key.next")
            let expected = try #require(verified().key)
            #expect(throws: LogError.otherKey(expected)) { try open() }
        } else {
            #expect(throws: LogError.self) { try ReceiptLog.open(in: scratch.path + "/log", signedBy: key, custody: .daemon) }
        }
    }

    @Test("a signature of an exchange that is not that of its key is found, by old key and by new", arguments: ["old", "new"])
    func badSignature(which: String) throws {
        _ = try makeRotated()
        let segment = "log/segments/000000000004.jsonl"
        let text = String(decoding: try scratch.read(segment), as: UTF8.self)
        let line = try #require(text.split(separator: "\n").first)
        let member = "\"\(which)Signature\":\""
        let start = try #require(line.firstRange(of: member)).upperBound
        var forged = line
        forged.replaceSubrange(start...start, with: line[start] == "A" ? "B" : "A")
        try scratch.write(segment, Array(text.replacing(line, with: forged).utf8))
        #expect(problems().contains(.badRotation("\(which)-signature")))
        #expect(throws: LogError.damaged(Finding(.badRotation("\(which)-signature"), "000000000004.jsonl", 1))) { try open() }
    }

    @Test("an exchange at another place, of another log, by another key or to an old one is none")
    func otherStatements() throws {
        let (one, two, three) = (
            try SigningKey(generatingNamed: "log"), try SigningKey(generatingNamed: "log"), try SigningKey(generatingNamed: "log")
        )
        let foreign = try SigningKey(generatingNamed: "other")
        let root = SHA256.digest([1]), other = SHA256.digest([2])
        func fault(_ rotation: KeyRotation) -> KeyRotation.Fault? {
            var chain = KeyChain(one.verifier)
            do throws(KeyRotation.Fault) {
                try chain.take(rotation, at: 5, root)
                #expect(
                    chain.keys == [one.verifier, two.verifier] && chain.key(ofSize: 5) == one.verifier
                        && chain.key(ofSize: 6) == two.verifier)
                return nil
            } catch {
                #expect(chain == KeyChain(one.verifier))
                return error
            }
        }
        #expect(fault(KeyRotation(from: one, to: two, size: 5, root: root)) == nil)
        #expect(fault(KeyRotation(from: one, to: two, size: 4, root: root)) == .otherPlace)
        #expect(fault(KeyRotation(from: one, to: two, size: 5, root: other)) == .otherPlace)
        #expect(fault(KeyRotation(from: three, to: two, size: 5, root: root)) == .otherKey)
        #expect(fault(KeyRotation(from: one, to: one, size: 5, root: root)) == .usedKey)
        #expect(fault(KeyRotation(from: one, to: foreign, size: 5, root: root)) == .otherLog)
        #expect(fault(KeyRotation(from: foreign, to: two, size: 5, root: root)) == .otherLog)
    }

    @Test("a member of an exchange that is missing, added or of another kind is found")
    func malformed() throws {
        let (one, two) = (try SigningKey(generatingNamed: "log"), try SigningKey(generatingNamed: "log"))
        let body = KeyRotation(from: one, to: two, size: 5, root: SHA256.digest([1])).body
        #expect(try KeyRotation(body)?.new == two.verifier)
        for member in body.members where member.name != "event" {
            var changed = body
            changed[member.name] = member.name == "size" ? "5" : 5
            #expect(throws: KeyRotation.Fault.malformed) { try KeyRotation(changed) }
            let without = JSONObject(body.members.filter { $0.name != member.name }.map { ($0.name, $0.value) })
            #expect(throws: KeyRotation.Fault.malformed) { try KeyRotation(without) }
        }
        var more = body
        more["x"] = 1
        #expect(throws: KeyRotation.Fault.malformed) { try KeyRotation(more) }
        #expect(try KeyRotation(["event": "started"]) == nil)
    }

    @Test("a checkpoint by the old key after the exchange is found, and one by the new key before it")
    func supersededKeys() throws {
        let first: SigningKey, second: SigningKey
        do {
            let log = try open()
            first = log.key
            try log.append(receipt(.decision, session: "one"))
            try log.rotateKey(isKept: true, time: someTime)
            second = log.key
            try log.append(receipt(.decision, session: "one"))
            try log.checkpoint()
        }
        #expect(problems() == [])
        let notes = String(decoding: try scratch.read("log/checkpoints"), as: UTF8.self)
        let last = try #require(verified().signedRoot)
        let late = Checkpoint(size: 4, root: last, key: first).text
        try scratch.write("log/checkpoints", Array((notes + late).utf8))
        #expect(problems() == [.supersededKey(size: 4)])
        #expect(throws: LogError.damaged(Finding(.badSignature, "checkpoints", 16))) { try open() }
        // The checkpoint before the exchange, as if the new key had signed it.
        let before = try #require(
            Checkpoint(text: notes.split(separator: "\n", omittingEmptySubsequences: false).prefix(5).joined(separator: "\n") + "\n"))
        let early = Checkpoint(size: before.size, root: before.root, key: second).text
        try scratch.write("log/checkpoints", Array((early + notes.dropFirst(before.text.count)).utf8))
        #expect(problems() == [.badSignature])
    }

    @Test("a forged history of keys is found by whoever verifies, and not written over by whoever opens")
    func forgedHistory() throws {
        let keys = try makeRotated()
        let whole = try scratch.read("log/keys")
        let foreign = try SigningKey(generatingNamed: keys[0].name).verifier.text
        for text in [
            "", "\n", keys[0].text + "\n", "\(keys[0].text)\n\(foreign)\n", "\(foreign)\n\(keys[1].text)\n",
            "\(keys[1].text)\n\(keys[0].text)\n",
            String(decoding: whole, as: UTF8.self) + foreign + "\n", "x\n", String(decoding: whole.dropLast(), as: UTF8.self),
        ] {
            try scratch.write("log/keys", Array(text.utf8))
            #expect(!problems().isEmpty, "\(text)")
            for key in keys { #expect(!problems("log", LogExpectation(key: key)).isEmpty, "\(text)") }
            #expect(throws: LogError.self, "\(text)") { try open() }
            #expect(try scratch.read("log/keys") == Array(text.utf8))
        }
        try scratch.remove("log/keys")
        #expect(!problems().isEmpty)
        try scratch.write("log/keys", whole)
        #expect(problems() == [])
        // Whoever does not hold the keys makes the log anew, and names the old key as an earlier one.
        let other = try SigningKey(generatingNamed: keys[0].name)
        try makeSmallLog(scratch, key: other, name: "forged")
        try scratch.write("forged/keys", Array((keys[0].text + "\n").utf8))
        #expect(
            problems("forged", LogExpectation(key: keys[0])).contains(.unexpectedKey(expected: keys[0]))
                || !problems("forged", LogExpectation(key: keys[0])).isEmpty)
    }

    @Test("every byte of a log whose key was exchanged is held")
    func byteFlips() throws {
        _ = try makeRotated()
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for file in ["log/keys", "log/key.pub", "log/checkpoints"] + (try scratch.names("log/segments").map { "log/segments/" + $0 }) {
            let whole = try scratch.read(file)
            for offset in whole.indices where file != "log/segments/000000000000.jsonl" || random.next() % 4 == 0 {
                var changed = whole
                changed[offset] ^= UInt8.random(in: 1...255, using: &random)
                try scratch.write(file, changed)
                #expect(!problems().isEmpty, "\(file) offset \(offset) seed \(seed)")
            }
            try scratch.write(file, whole)
        }
        #expect(problems() == [])
    }

    @Test("a key that is handed over leaves only its public half, and is exchanged by a start with both")
    func credentials() throws {
        let path = scratch.path + "/log"
        let (one, two) = (try SigningKey(generatingNamed: "log.example"), try SigningKey(generatingNamed: "log.example"))
        let foreign = try SigningKey(generatingNamed: "log.example"), otherName = try SigningKey(generatingNamed: "else.example")
        do {
            let log = try ReceiptLog.open(in: path, signedBy: one, custody: .daemon, time: someTime)
            try log.append(receipt(.decision, session: "one"))
            try log.checkpoint()
        }
        let secret = String(one.text.split(separator: "+", maxSplits: 4)[4])
        func assertNoPrivateHalf() throws {
            #expect(try Set(scratch.names("log")).isSubset(of: ["key.pub", "keys", "checkpoints", "segments", "aside", "lock"]))
            for name in ["key.pub", "checkpoints", "segments/000000000000.jsonl"] {
                #expect(!String(decoding: try scratch.read("log/" + name), as: UTF8.self).contains(secret))
            }
        }
        try assertNoPrivateHalf()
        #expect(problems() == [])
        #expect(throws: LogError.otherKey(one.verifier)) { try ReceiptLog.open(in: path, signedBy: foreign, custody: .daemon) }
        #expect(throws: LogError.otherKey(one.verifier)) {
            try ReceiptLog.open(in: path, signedBy: two, previously: foreign, custody: .daemon)
        }
        #expect(throws: LogError.otherName(log: "log.example", found: "else.example")) {
            try ReceiptLog.open(in: path, signedBy: otherName, previously: one, custody: .daemon)
        }
        // Twice: the second start finds that it is done.
        for _ in 0..<2 {
            let log = try ReceiptLog.open(in: path, signedBy: two, previously: one, custody: .daemon, time: someTime)
            #expect(log.verifier == two.verifier && log.keys.keys == [one.verifier, two.verifier])
        }
        try assertNoPrivateHalf()
        #expect(problems() == [])
        #expect(throws: LogError.otherKey(two.verifier)) { try ReceiptLog.open(in: path, signedBy: one, custody: .daemon) }
        #expect(throws: LogError.usedKey) { try ReceiptLog.open(in: path, signedBy: one, previously: two, custody: .daemon) }
        // Beside the log lies none that could be found, and none is made.
        #expect(throws: LogError.missingKey) { try ReceiptLog.open(keepingKeyIn: path, custody: .daemon) }
    }

    @Test("a proof says which key signed it, and of several trusted ones each may")
    func proofs() throws {
        let keys = try makeRotated()
        let prover = try LogProver(directory: scratch.path + "/log")
        let proof = try prover.receipt(2)
        #expect(proof.checkpoint.keyIdentifier == keys[2].identifier)
        #expect(proof.findings(keys[2], file: "p").isEmpty && proof.findings([keys[0], keys[2]], file: "p").isEmpty)
        let identifier = Hex.encode(keys[2].identifier)
        #expect(proof.findings(keys[0], file: "p").map(\.problem) == [.otherSigner(identifier)])
        let notes = String(decoding: try scratch.read("log/checkpoints"), as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false)
        let known = try #require(Checkpoint(text: notes.prefix(5).joined(separator: "\n") + "\n"))
        let growth = try prover.consistency(since: known)
        #expect(growth.findings(since: known, [keys[0], keys[2]], file: "p").isEmpty)
        #expect(growth.findings(since: known, keys[0], file: "p").map(\.problem) == [.otherSigner(identifier)])
    }

    @Test("a gate cannot exchange the key: what it states belongs to its session")
    func statedByGate() throws {
        do {
            let log = try open()
            let next = try SigningKey(generatingNamed: log.verifier.name)
            let body = KeyRotation(from: log.key, to: next, size: log.size, root: log.root()).body
            try log.append(Receipt(.lifecycle, time: someTime, facts: facts("one"), body: body))
            try log.append(Receipt(.lifecycle, time: someTime, facts: facts("one"), body: ["event": "key-rotated"]))
            try log.checkpoint()
        }
        #expect(problems() == [] && verified().keys?.keys.count == 1)
    }
}
