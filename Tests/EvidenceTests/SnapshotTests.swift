import Descriptors
import StrictJSON
import TestSupport
import Testing

@testable import Evidence

private let day: UInt64 = 86_400_000_000_000

/// All that opening a log finds out, by what it is.
private func known(_ opening: borrowing LogOpening) -> [String: String] {
    let state = opening.state
    return [
        "edge": "\(state.edge)", "sessions": "\(state.sessions.known.sorted { $0.key < $1.key })", "segmentStart": "\(state.segmentStart)",
        "ages": "\(state.ages)", "erased": "\(state.erased.sorted { $0.value < $1.value })",
        "finished": "\(state.finished.sorted { $0.key < $1.key })",
        "notices": "\(state.notices.about { state.finished[$0] != nil })", "keys": "\(opening.keys)",
        "checkpoint": "\(opening.checkpoint.map(\.text) ?? "") \(opening.checkpointOffset)",
        "torn": "\(String(describing: opening.tornSegment)) \(String(describing: opening.tornCheckpoints))",
        "next": "\(opening.snapshot.size)",
    ]
}

/// Opens a log both ways and holds what they find against each other. Returns how many receipts the snapshot stood for.
@discardableResult
private func compare(_ path: String, keys: [VerifierKey] = [someKey().verifier], _ comment: Comment? = nil) throws -> UInt64 {
    let files = try LogDirectory.open(path)
    var quick = LogOpening(files, keys: keys), whole = LogOpening(files, keys: keys)
    try quick.read()
    try whole.readEverything()
    let (found, expected) = (known(quick), known(whole))
    for (name, value) in found { #expect(value == expected[name], comment) }
    return quick.passedOver
}

private func launch(_ session: String, keep: Keep, at time: UInt64) throws -> Receipt {
    try Receipt(.launch, time: time, facts: facts(session), body: ["outcome": "released", Keep.member: keep.json])
}

private func receipt(_ kind: ReceiptKind, _ session: String?, at time: UInt64) throws -> Receipt {
    try Receipt(kind, time: time, facts: session.map { facts($0) }, body: ["text": "x"])
}

/// A decision of which something is kept.
private func kept(_ number: UInt64, of session: String, at time: UInt64) throws -> Receipt {
    let body: JSONObject = [
        "arguments": .string("hmac-sha256:\(Digest().hex)"), "bytes": 2, "content": .string("hmac-sha256:\(Digest().hex)"),
    ]
    let frame = SpoolFrame(kind: .decision, number: number, time: time, body: try JSON.object(body).canonical(), range: 0..<1)
    return try #require(Receipt(frame, body, facts: facts(session)))
}

@Suite struct SnapshotTests {
    let scratch: ScratchDirectory

    init() throws {
        scratch = try ScratchDirectory()
    }

    private var path: String { scratch.path + "/log" }

    /// Segments of four receipts, all of it signed.
    private func makeLog(_ name: String = "log", segments: Int = 4, session: String = "a") throws {
        let log = try scratch.log(name)
        for _ in 0..<segments * 4 { try log.append(receipt(.decision, session, at: someTime)) }
        try log.checkpoint()
        try scratch.write("\(name)/key.pub", Array((someKey().verifier.text + "\n").utf8))
    }

    @Test("a log is opened from its snapshot on, and goes on as if all of it had been read")
    func opens() throws {
        try makeLog()
        #expect(try compare(path) == 16)
        for _ in 0..<6 {
            let log = try scratch.log()
            #expect(log.passedOver >= 16)
            try log.append([
                receipt(.decision, "a", at: someTime), receipt(.outcome, "b", at: someTime), receipt(.outcome, "a", at: someTime),
            ])
            try log.checkpoint()
        }
        #expect(verify(directory: path).findings == [])
        #expect(try compare(path) == 32)
    }

    @Test("a short log has no snapshot")
    func short() throws {
        try makeLog(segments: 0)
        #expect(try scratch.names("log").contains("snapshot") == false)
        #expect(try scratch.log().passedOver == 0)
    }

    @Test("a log without one gets it when it is opened")
    func earlier() throws {
        try makeLog()
        try scratch.remove("log/snapshot")
        #expect(try scratch.log().passedOver == 0)
        #expect(try scratch.log().passedOver == 16)
    }

    @Test("random logs with rotations, removals, erasures and torn ends: both ways of opening find the same", arguments: 0..<24)
    func random(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let story = try LogStory(scratch, perSegment: UInt64.random(in: 1...9, using: &random))
        var quick = 0
        for step in 0..<120 {
            try story.act(step, using: &random)
            guard Int.random(in: 0..<4, using: &random) == 0 else { continue }
            story.close()
            if try compare(path, keys: story.keys, "step \(step)") > 0 { quick += 1 }
            try story.open()
        }
        story.close()
        #expect(quick > 3)
        try compare(path, keys: story.keys)
        // The story's contents are kept under no key.
        let problems = verify(directory: path).findings.map(\.problem)
        #expect(problems.filter { if case .contentKeyMissing = $0 { false } else { true } } == [])
    }

    @Test("a log of many sessions keeps a snapshot less often, and what it reads of it is the same")
    func manySessions() throws {
        var written = 0
        do {
            let log = try scratch.log()
            var last: [UInt8] = []
            for index in 0..<200 {
                try log.append([
                    launch("s\(index)", keep: index % 2 == 0 ? .forever : .seconds(7), at: someTime),
                    receipt(.exit, "s\(index)", at: someTime),
                ])
                try log.checkpoint()
                guard let found = try? scratch.read("log/snapshot"), found != last else { continue }
                (last, written) = (found, written + 1)
            }
        }
        // Of 100 segments.
        #expect((15..<60).contains(written))
        #expect(try compare(path) > 300)
    }

    // MARK: Crashes

    @Test("a crash at any step of keeping it leaves the last one or the new one, and a log that opens", arguments: SnapshotStep.allCases)
    func crash(at step: SnapshotStep) throws {
        try makeLog()
        let before = try scratch.read("log/snapshot")
        do {
            let log = try scratch.log()
            log.snapshotFaultAt = { $0 == step ? .io : nil }
            for _ in 0..<8 { try log.append(receipt(.decision, "a", at: someTime)) }
            // Nothing but the snapshot is missing.
            try log.checkpoint()
            #expect(log.pending == 0)
        }
        #expect(try (scratch.read("log/snapshot") == before) == (step != .renamed))
        #expect(try compare(path) == (step == .renamed ? 24 : 16))
        #expect(verify(directory: path).findings == [])
        let log = try scratch.log()
        try log.append(receipt(.decision, "a", at: someTime))
        try log.checkpoint()
        log.snapshotFaultAt = { _ in .noSpace }
        for _ in 0..<8 { try log.append(receipt(.decision, "a", at: someTime)) }
        try log.checkpoint()
        // There is room again.
        log.snapshotFaultAt = nil
        try log.append(receipt(.decision, "a", at: someTime))
        try log.checkpoint()
        let names = try scratch.names("log")
        #expect(names.contains("snapshot") && !names.contains("snapshot.new"))
        #expect(verify(directory: path).findings == [])
    }

    @Test("half a snapshot under its own name is none")
    func cut() throws {
        try makeLog()
        let whole = try scratch.read("log/snapshot")
        for count in 0..<whole.count {
            try scratch.write("log/snapshot", Array(whole[..<count]))
            #expect(try compare(path) == 0)
        }
    }

    @Test("a snapshot tells of nothing that is not signed: it waits for the checkpoint, and without that it does not count")
    func unsigned() throws {
        try makeLog(segments: 2)
        let checkpoints = try scratch.read("log/checkpoints")
        do {
            let log = try scratch.log()
            let before = try scratch.read("log/snapshot")
            for _ in 0..<9 { try log.append(receipt(.decision, "a", at: someTime)) }
            #expect(try scratch.read("log/snapshot") == before)
            try log.checkpoint()
            #expect(try scratch.read("log/snapshot") != before)
        }
        #expect(try compare(path) == 16)
        try scratch.write("log/checkpoints", checkpoints)
        #expect(try compare(path) == 0)
    }

    // MARK: Others' snapshots

    @Test("no byte of a snapshot can be another: then everything is read")
    func everyByte() throws {
        try makeLog()
        let whole = try scratch.read("log/snapshot")
        for index in whole.indices {
            for bit in [0, 5] as [UInt8] {
                var changed = whole
                changed[index] ^= 1 << bit
                try scratch.write("log/snapshot", changed)
                #expect(try compare(path) == 0, "byte \(index)")
            }
        }
    }

    @Test("an old snapshot beside a newer log costs time alone")
    func old() throws {
        try makeLog(segments: 2)
        let before = try scratch.read("log/snapshot")
        do {
            let log = try scratch.log()
            for _ in 0..<13 { try log.append(receipt(.decision, "b", at: someTime)) }
            try log.checkpoint()
        }
        #expect(try compare(path) == 20)
        try scratch.write("log/snapshot", before)
        #expect(try compare(path) == 8)
    }

    @Test("a snapshot from before a removal does not bring back what is gone")
    func beforeRemoval() throws {
        let old: [UInt8]
        do {
            let log = try scratch.log(perSegment: 1_000)
            for index in 0..<4 {
                let time = someTime + UInt64(index) * day
                try log.append([launch("a\(index)", keep: .seconds(60), at: time), receipt(.exit, "a\(index)", at: time)])
            }
            try log.checkpoint()
            old = try scratch.read("log/snapshot")
            #expect(try log.retain(now: someTime + 2 * day)?.segments == 2)
        }
        let new = try compare(path)
        #expect(new > 0)
        let snapshot = try scratch.read("log/snapshot")
        try scratch.write("log/snapshot", old)
        #expect(try compare(path) == 0)
        // Nor does one from behind it stand for what it removed.
        try scratch.write("log/snapshot", snapshot)
        #expect(try compare(path) == new)
        try scratch.remove("log/roots")
        #expect(throws: LogError.self) { try scratch.log(perSegment: 1_000) }
    }

    @Test("the snapshot of another log does not count, even under the same key and with the same names")
    func foreign() throws {
        try makeLog()
        try makeLog("other", session: "z")
        try scratch.write("log/snapshot", try scratch.read("other/snapshot"))
        #expect(try compare(path) == 0)
    }

    /// What a forger has who can write all files, times of change included: everything but the key.
    private func forge(_ key: SigningKey = someKey(), _ change: (inout SnapshotFile) -> Void) throws -> UInt64 {
        let directory = try WorkingDirectory().open(path, .directory)
        let found = SnapshotReader.read(in: directory)
        var file = try #require(found).file
        change(&file)
        try file.write(in: directory, signedBy: key) { _ in }
        return try compare(path)
    }

    @Test("a well-formed snapshot that is not of this log, or under another key, does not count")
    func forgeries() throws {
        try makeLog()
        let other = try #require(SigningKey(name: someKey().verifier.name, seed: [UInt8](repeating: 9, count: 32)))
        #expect(try forge { _ in } == 16)
        let whole = try scratch.read("log/snapshot")
        func refused(_ key: SigningKey = someKey(), _ change: (inout SnapshotFile) -> Void) throws {
            #expect(try forge(key, change) == 0)
            try scratch.write("log/snapshot", whole)
        }
        try refused(other) { _ in }
        // A chain that somebody made up.
        try refused(other) { $0.snapshot.keys = KeyChain(other.verifier) }
        try refused { $0.snapshot.keys = KeyChain(other.verifier) }
        // Another tree, of the same size.
        try refused { $0.snapshot.state.edge = MerkleEdge(size: 16, roots: [Digest()])! }
        // Files that are not there, or are not like that.
        try refused { $0.roots = FileStamp(bytes: 1, changed: 1) }
        try refused { $0.snapshot.state.finished[4] = FileStamp(bytes: 1, changed: $0.snapshot.state.finished[4]!.changed) }
        try refused { $0.snapshot.state.finished[4] = FileStamp(bytes: $0.snapshot.state.finished[4]!.bytes, changed: 1) }
        try refused { $0.snapshot.state.finished[4] = nil }
        try refused { $0.snapshot.state.ages.remove([4]) }
        // Notes that begin elsewhere, or nowhere.
        for checkpoint in [1, 1 << 50] { try refused { $0.checkpoint = checkpoint } }
        #expect(try compare(path) == 16)
    }

    @Test("an exchange of the key signs the snapshot anew, and one under the old key does not count any more")
    func rotated() throws {
        let next = try #require(SigningKey(name: someKey().verifier.name, seed: [UInt8](repeating: 9, count: 32)))
        try makeLog()
        let old = try scratch.read("log/snapshot")
        do {
            let log = try scratch.log()
            try log.rotateKey(to: next, isKept: false, time: someTime)
        }
        let new = try scratch.read("log/snapshot")
        try scratch.write("log/snapshot", old)
        #expect(try compare(path, keys: [next.verifier]) == 0)
        try scratch.write("log/snapshot", new)
        #expect(try compare(path, keys: [next.verifier]) == 16)
        #expect(try scratch.log(key: next).passedOver == 16)
        #expect(throws: LogError.otherKey(next.verifier)) { try scratch.log() }
        do {
            let log = try scratch.log(key: next)
            for _ in 0..<8 { try log.append(receipt(.decision, "a", at: someTime)) }
            try log.checkpoint()
        }
        #expect(try compare(path, keys: [next.verifier]) == 24)
    }

    // MARK: Damage

    @Test(
        "a segment that is gone, shorter, longer or changed is damage as before",
        arguments: ["gone", "shorter", "longer", "changed", "extra"])
    func damaged(how: String) throws {
        try makeLog()
        let name = "log/segments/000000000004.jsonl"
        let whole = try scratch.read(name)
        switch how {
        case "gone": try scratch.remove(name)
        case "shorter": try scratch.write(name, whole.dropLast())
        case "longer": try scratch.write(name, whole + [0x0A])
        case "extra": try scratch.write("log/segments/000000000005.jsonl", whole)
        // Of the same size.
        default: try scratch.write(name, Array(String(decoding: whole, as: UTF8.self).replacing("\"x\"", with: "\"y\"").utf8))
        }
        #expect { try scratch.log() } throws: { if case LogError.damaged = $0 { true } else { false } }
        // Nothing that was there was taken away by looking.
        #expect(try scratch.names("log/aside") == [])
    }

    @Test("a segment that was only touched is read, and found to be as it was")
    func touched() throws {
        try makeLog()
        let name = "log/segments/000000000004.jsonl"
        try scratch.write(name, try scratch.read(name))
        #expect(try compare(path) == 0)
        #expect(try scratch.log().passedOver == 0)
        #expect(try scratch.log().passedOver == 16)
    }

    @Test("a change behind the snapshot is damage as before")
    func damagedBehind() throws {
        try makeLog()
        let name = "log/segments/000000000016.jsonl"
        let whole = try scratch.read(name)
        try scratch.write(name, Array(String(decoding: whole, as: UTF8.self).replacing("\"x\"", with: "\"y\"").utf8))
        #expect(throws: LogError.damaged(Finding(.rootMismatch(first: 0, size: 17), "checkpoints"))) { try scratch.log() }
        try scratch.remove(name)
        #expect(throws: LogError.damaged(Finding(.truncated(signed: 17, found: 16), "checkpoints"))) { try scratch.log() }
    }
}

/// Things that happen to a log, at random.
private final class LogStory {
    private let scratch: ScratchDirectory
    private let perSegment: UInt64
    private var log: ReceiptLog?
    private var chain = [someKey()]
    private var time = someTime
    private var spools: [String: UInt64] = [:]
    private var contents: [UInt64] = []

    init(_ scratch: ScratchDirectory, perSegment: UInt64) throws {
        self.scratch = scratch
        self.perSegment = perSegment
        try open()
    }

    private var current: SigningKey { chain[chain.count - 1] }
    var keys: [VerifierKey] { [current.verifier] }

    func close() { log = nil }

    func open() throws {
        let log = try scratch.log(key: current, perSegment: perSegment)
        self.log = log
        try KeyFiles(scratch.path + "/log").keepPublic(log.keys)
    }

    /// Of those that are over and kept for ever, some.
    private func close(_ log: ReceiptLog, _ random: inout SeededGenerator) throws {
        let over = log.closable { spools[$0] != nil }.filter { _ in Bool.random(using: &random) }
        try log.close(over, time: time)
    }

    func act(_ step: Int, using random: inout SeededGenerator) throws {
        let log = try #require(self.log)
        time += UInt64.random(in: 0...(day / 2), using: &random)
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<3:
            try begin(
                "s\(step)", Int.random(in: 0..<6, using: &random) == 0 ? .forever : .seconds(.random(in: 1...400_000, using: &random)))
        case 3..<8: if let session = spools.keys.sorted().randomElement(using: &random) { try state(session) }
        case 8..<11:
            guard let session = spools.keys.sorted().randomElement(using: &random) else { return }
            try log.append([receipt(.outcome, session, at: time), receipt(.lifecycle, nil, at: time)])
        case 11:
            guard let session = spools.keys.sorted().randomElement(using: &random) else { return }
            try log.append(receipt(.exit, session, at: time))
            spools[session] = nil
        case 12..<15: try log.checkpoint()
        case 15:
            // Whatever there is of it: gone, erased, or never kept.
            if let number = contents.randomElement(using: &random) { _ = try? log.erase(number, by: 7, time: time) }
        case 16..<18: _ = try log.retain(now: time, limit: .random(in: 1...3, using: &random))
        case 18: Bool.random(using: &random) ? try rotate(step) : try close(log, &random)
        default: try tear(&random)
        }
    }

    private func begin(_ session: String, _ keep: Keep) throws {
        spools[session] = 0
        try log?.append(launch(session, keep: keep, at: time))
    }

    private func state(_ session: String) throws {
        let number = (spools[session] ?? 0) + 1
        spools[session] = number
        let log = try #require(self.log)
        try log.keep(Array("{}".utf8), ContentName(session: session, number: number))
        contents.append(log.size)
        try log.append(kept(number, of: session, at: time))
    }

    private func rotate(_ step: Int) throws {
        let next = try #require(SigningKey(name: current.verifier.name, seed: SHA256.digest(Array("\(step)".utf8)).bytes))
        try log?.rotateKey(to: next, isKept: false, time: time)
        chain.append(next)
    }

    /// As the end of a process, or of a host, leaves it behind what was signed.
    private func tear(_ random: inout SeededGenerator) throws {
        close()
        let name = try #require(try scratch.names("log/segments").max())
        for (file, torn) in [("segments/" + name, "{\"body\":{"), ("checkpoints", "sandboxd")] where Bool.random(using: &random) {
            let whole = try scratch.read("log/" + file)
            try scratch.write("log/" + file, whole + Array(torn.utf8))
        }
        try compare(scratch.path + "/log", keys: keys)
        try open()
    }
}
