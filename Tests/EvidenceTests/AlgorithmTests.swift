import TestSupport
import Testing

@testable import Evidence

@Suite struct AlgorithmTests {
    /// A well-formed key of an algorithm that nobody has; its hash is right.
    private func foreignKey(_ type: UInt8, name: String = "log", bytes: Int = 1_952) -> String {
        let typed = [type] + [UInt8](repeating: 5, count: bytes)
        let hash = SHA256.digest(Array("\(name)\n".utf8) + typed).bytes.prefix(4)
        return "\(name)+\(Hex.encode(hash))+\(Base64.encode(typed))"
    }

    @Test("each algorithm signs what it verifies, with the sizes that it states", arguments: SignatureAlgorithm.allCases)
    func roundTrip(algorithm: SignatureAlgorithm) throws {
        let key = try SigningKey(generatingNamed: "log", algorithm: algorithm)
        let signature = key.sign([1, 2, 3])
        #expect(signature.count == algorithm.signatureSize && key.verifier.publicKey.count == algorithm.publicKeySize)
        #expect(key.verifier.isValid(signature, of: [1, 2, 3]) && !key.verifier.isValid(signature, of: [1, 2]))
        #expect(!key.verifier.isValid(Array(signature.dropLast()), of: [1, 2, 3]))
        #expect(try VerifierKey(parsing: key.verifier.text) == key.verifier)
        #expect(try SigningKey(parsing: key.text + "\n").verifier == key.verifier)
    }

    @Test("a key of an algorithm that is not known says so, and one that is misspelled does not")
    func unknown() throws {
        #expect(throws: VerifierKey.Problem.unknownAlgorithm(0x06)) { try VerifierKey(parsing: foreignKey(0x06)) }
        #expect(throws: VerifierKey.Problem.malformed) { try VerifierKey(parsing: foreignKey(0x06) + "=") }
        #expect(throws: VerifierKey.Problem.malformed) { try VerifierKey(parsing: foreignKey(0x06).replacing("log+", with: "gol+")) }
        #expect(throws: VerifierKey.Problem.malformed) { try VerifierKey(parsing: foreignKey(0x01, bytes: 31)) }
        #expect(throws: LogError.unknownAlgorithm(0x06)) {
            try SigningKey(parsing: "PRIVATE+KEY+log+00000000+\(Base64.encode([0x06] + [UInt8](repeating: 1, count: 32)))\n")
        }
    }

    @Test("a log that is signed with an algorithm that is not known is not called badly signed")
    func log() throws {
        let scratch = try ScratchDirectory()
        try makeSmallLog(scratch)
        try scratch.write("log/key.pub", Array((foreignKey(0x06, name: someKey().verifier.name) + "\n").utf8))
        let problems = Set(verify(directory: scratch.path + "/log").findings.map(\.problem))
        #expect(problems == [.unknownAlgorithm(0x06)])
    }

    @Test("a checkpoint with a signature of another size is well-formed, and not this key's")
    func otherSize() throws {
        let note = Checkpoint(size: 3, root: SHA256.digest([1]), key: someKey()).text
        let lines = note.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
        let long = Base64.encode(someKey().verifier.identifier + [UInt8](repeating: 1, count: 3_309))
        let other = (lines.prefix(4) + ["\u{2014} \(someKey().verifier.name) \(long)", ""]).joined(separator: "\n")
        let checkpoint = try #require(Checkpoint(text: other))
        #expect(checkpoint.text == other && !checkpoint.isSigned(by: someKey().verifier))
        let endless = Base64.encode([UInt8](repeating: 1, count: 20_000))
        #expect(
            Checkpoint(text: (lines.prefix(4) + ["\u{2014} \(someKey().verifier.name) \(endless)", ""]).joined(separator: "\n")) == nil)
    }
}
