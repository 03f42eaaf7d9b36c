import Descriptors
import TestSupport
import Testing

@testable import Evidence

/// RFC 9162 section 2.1.3.1, word for word.
private func naivePath(_ index: Int, _ entries: ArraySlice<[UInt8]>) -> [Digest] {
    guard entries.count > 1 else { return [] }
    let middle = entries.startIndex + naiveSplit(entries.count)
    return index < middle
        ? naivePath(index, entries[..<middle]) + [naiveRoot(entries[middle...])]
        : naivePath(index, entries[middle...]) + [naiveRoot(entries[..<middle])]
}

/// RFC 9162 section 2.1.4.1, word for word; `old` counts from the slice's beginning.
private func naiveSubproof(_ old: Int, _ entries: ArraySlice<[UInt8]>, _ isWhole: Bool) -> [Digest] {
    if old == entries.count { return isWhole ? [] : [naiveRoot(entries)] }
    let split = naiveSplit(entries.count)
    let middle = entries.startIndex + split
    return old <= split
        ? naiveSubproof(old, entries[..<middle], isWhole) + [naiveRoot(entries[middle...])]
        : naiveSubproof(old - split, entries[middle...], false) + [naiveRoot(entries[..<middle])]
}

private func naiveSplit(_ count: Int) -> Int {
    var split = 1
    while split * 2 < count { split *= 2 }
    return split
}

private func hashes(of runs: [Range<UInt64>], _ entries: [[UInt8]]) throws -> [Digest] {
    var roots = RunRoots(runs)
    var hash = SHA256()
    for entry in entries { roots.add(leaf(entry), using: &hash) }
    guard let hashes = roots.hashes else { throw LogProver.Problem.short(found: UInt64(entries.count)) }
    return hashes
}

private func leaf(_ entry: [UInt8]) -> Digest { SHA256.digest([0] + entry) }

@Suite struct ProofTests {
    static let entries = (0..<70).map { Array("entry \($0)".utf8) }

    @Test("inclusion proofs are those of the definition, and hold for their leaf, place and size alone", arguments: 1...70)
    func inclusion(size: Int) throws {
        let entries = Array(Self.entries.prefix(size))
        let root = naiveRoot(entries[...])
        var hash = SHA256()
        for index in entries.indices {
            let runs = MerkleShape.inclusion(of: UInt64(index), in: UInt64(size))
            let proof = InclusionProof(index: UInt64(index), hashes: try hashes(of: runs, entries))
            #expect(proof.hashes == naivePath(index, entries[...]))
            #expect(proof.root(of: leaf(entries[index]), size: UInt64(size), using: &hash) == root)
            #expect(proof.root(of: leaf([9]), size: UInt64(size), using: &hash) != root)
            for other in entries.indices where other != index {
                let moved = InclusionProof(index: UInt64(other), hashes: proof.hashes)
                #expect(moved.root(of: leaf(entries[index]), size: UInt64(size), using: &hash) != root)
            }
            let longer = InclusionProof(index: UInt64(index), hashes: proof.hashes + [root])
            #expect(longer.root(of: leaf(entries[index]), size: UInt64(size), using: &hash) == nil)
        }
        #expect(InclusionProof(index: UInt64(size), hashes: []).root(of: root, size: UInt64(size), using: &hash) == nil)
    }

    @Test("consistency proofs are those of the definition, and hold for their two trees alone", arguments: 1...40)
    func consistency(size: Int) throws {
        let entries = Array(Self.entries.prefix(size))
        let checkpoint = Checkpoint(size: UInt64(size), root: naiveRoot(entries[...]), key: someKey())
        for old in 1...size {
            let runs = MerkleShape.consistency(from: UInt64(old), to: UInt64(size))
            let proof = ConsistencyProof(oldSize: UInt64(old), hashes: try hashes(of: runs, entries), checkpoint: checkpoint)
            #expect(proof.hashes == naiveSubproof(old, entries[...], true))
            #expect(proof.holds(naiveRoot(entries.prefix(old))))
            #expect(!proof.holds(naiveRoot([[9]])))
            for at in proof.hashes.indices {
                var changed = proof.hashes
                changed[at] = naiveRoot([[9]])
                #expect(
                    !ConsistencyProof(oldSize: UInt64(old), hashes: changed, checkpoint: checkpoint).holds(naiveRoot(entries.prefix(old))))
            }
            for other in 1...size where other != old {
                #expect(
                    !ConsistencyProof(oldSize: UInt64(other), hashes: proof.hashes, checkpoint: checkpoint).holds(
                        naiveRoot(entries.prefix(old))))
            }
        }
        #expect(ConsistencyProof(oldSize: 0, hashes: [], checkpoint: checkpoint).holds(naiveRoot([])))
        #expect(!ConsistencyProof(oldSize: UInt64(size) + 1, hashes: [], checkpoint: checkpoint).holds(checkpoint.root))
    }

    @Test("the fewest runs around what is kept hold all the rest once", arguments: [1, 2, 3, 7, 8, 33, 70])
    func around(size: UInt64) throws {
        for kept: [UInt64] in [[], [0], [size - 1], [0, size - 1], Array(0..<size), (0..<size).filter { $0 % 5 == 2 }] {
            let kept = Array(Set(kept)).sorted()
            let runs = MerkleShape.runs(without: kept, in: size)
            #expect((runs.flatMap { Array($0) } + kept).sorted() == Array(0..<size))
            #expect(runs.allSatisfy { $0.count.nonzeroBitCount == 1 || $0.upperBound == size }, "each is a subtree")
        }
    }

    // MARK: Files

    private func prover(_ scratch: ScratchDirectory) throws -> LogProver {
        try makeSmallLog(scratch)
        return try LogProver(directory: "\(scratch.path)/log")
    }

    @Test("each receipt of a log has a proof that verifies with nothing but the key")
    func receipts() throws {
        let scratch = try ScratchDirectory()
        let prover = try prover(scratch)
        for number in 0..<prover.checkpoint.size {
            let proof = try #require(ReceiptProof(text: try prover.receipt(number).text))
            #expect(proof.number == number)
            #expect(proof.findings(someKey().verifier, file: "p").isEmpty)
            let other = try #require(SigningKey(seed: [UInt8](repeating: 7, count: 32)))
            #expect(proof.findings(other.verifier, file: "p").map(\.problem) == [.badSignature])
        }
    }

    @Test("no byte of a proof can be changed, dropped or doubled")
    func mutations() throws {
        let scratch = try ScratchDirectory()
        let text = Array(try prover(scratch).receipt(5).text.utf8)
        func verifies(_ bytes: [UInt8]) -> Bool {
            guard let text = String(validating: bytes, as: UTF8.self), let proof = ReceiptProof(text: text) else { return false }
            return proof.findings(someKey().verifier, file: "p").isEmpty
        }
        #expect(verifies(text))
        for at in text.indices {
            var (changed, dropped, doubled) = (text, text, text)
            changed[at] ^= 1
            dropped.remove(at: at)
            doubled.insert(text[at], at: at)
            #expect(!verifies(changed) && !verifies(dropped) && !verifies(doubled), "byte \(at)")
            #expect(!verifies(Array(text.prefix(at))))
        }
    }

    @Test("a log goes on from each of its checkpoints, and from no other")
    func growth() throws {
        let scratch = try ScratchDirectory()
        let prover = try prover(scratch)
        let file = try CheckpointFile(in: WorkingDirectory().open("\(scratch.path)/log", .directory))
        for known in file.entries.compactMap(\.checkpoint) {
            let proof = try #require(ConsistencyProof(text: try prover.consistency(since: known).text))
            #expect(proof.findings(since: known, someKey().verifier, file: "p").isEmpty)
        }
        let first = try #require(file.entries.first?.checkpoint)
        let forged = Checkpoint(size: first.size, root: SHA256.digest([1]), key: someKey())
        let proof = try prover.consistency(since: forged)
        #expect(proof.findings(since: forged, someKey().verifier, file: "p").map(\.problem) == [.knownCheckpointViolated(size: first.size)])
        #expect(
            proof.findings(since: prover.checkpoint, someKey().verifier, file: "p").map(\.problem) == [
                .otherCheckpoint(proven: first.size, known: prover.checkpoint.size), .knownCheckpointViolated(size: prover.checkpoint.size),
            ])
    }

    @Test("what is not signed, or not there, has no proof, and that is said")
    func missing() throws {
        let scratch = try ScratchDirectory()
        let prover = try prover(scratch)
        let size = prover.checkpoint.size
        #expect(throws: LogProver.Problem.noSuchReceipt) { try prover.receipt(size) }
        try scratch.log().append(receipt(.decision, session: "one"))
        #expect(throws: LogProver.Problem.pending(signed: size)) { try prover.receipt(size) }
        #expect(throws: LogProver.Problem.noSuchReceipt) { try prover.receipt(size + 1) }
        #expect(throws: LogProver.Problem.system(.noEntry)) { try LogProver(directory: "\(scratch.path)/none") }
        try scratch.write("log/checkpoints", [])
        #expect(throws: LogProver.Problem.unsigned) { try LogProver(directory: "\(scratch.path)/log") }
    }

    @Test("a proof of a log that was changed does not verify")
    func changed() throws {
        let scratch = try ScratchDirectory()
        let prover = try prover(scratch)
        let segment = "log/segments/\(try #require(try scratch.names("log/segments").sorted().first))"
        var bytes = try scratch.read(segment)
        let at = try #require(bytes.indices.last { bytes[$0] == UInt8(ascii: "7") })
        bytes[at] = UInt8(ascii: "8")
        try scratch.write(segment, bytes)
        for number in 0..<prover.checkpoint.size {
            #expect(try prover.receipt(number).findings(someKey().verifier, file: "p").map(\.problem) == [.notIncluded(number: number)])
        }
    }
}
