import Descriptors
import Evidence
import TestSupport
import Testing

@testable import Daemon

@Suite struct LogKeySourceTests {
    let scratch: ScratchDirectory
    private let key: SigningKey

    init() throws {
        scratch = try ScratchDirectory()
        key = try SigningKey(generatingNamed: "log.example")
    }

    private func hand(_ name: String, _ text: String) throws {
        try WorkingDirectory().open(scratch.path + "/" + name, [.write, .create, .truncate]).writeWhole(text)
    }

    @Test("without credentials the key is kept beside the log")
    func none() throws {
        #expect(try LogKeySource(in: scratch.path).isKept)
        #expect(try LogKeySource(in: scratch.path + "/missing").isKept)
    }

    @Test("a key that is handed over is used, with or without the line's end", arguments: ["", "\n"])
    func given(end: String) throws {
        try hand("sandboxd-key", key.text + end)
        guard case .credential(let found, nil) = try LogKeySource(in: scratch.path) else {
            Issue.record("no credential")
            return
        }
        #expect(found.verifier == key.verifier)
        try hand("sandboxd-key-previous", try SigningKey(generatingNamed: "log.example").text)
        guard case .credential(_, .some) = try LogKeySource(in: scratch.path) else {
            Issue.record("no previous key")
            return
        }
    }

    @Test(
        "a credential that is no key stops the start with words, and no key is made instead",
        arguments: ["", "x", "PRIVATE+KEY+a+00000000+AQ=="])
    func malformed(text: String) throws {
        try hand("sandboxd-key", text)
        let failure = #expect(throws: DaemonFailure.credential("sandboxd-key", .malformedKey)) { try LogKeySource(in: scratch.path) }
        #expect(failure?.text.contains("`sandboxd-key`") == true)
        #expect(failure?.text.contains("x") == true)
    }

    @Test("a previous key alone says what is missing")
    func previousAlone() throws {
        try hand("sandboxd-key-previous", key.text)
        let failure = #expect(throws: DaemonFailure.credential("sandboxd-key-previous", .missingKey)) { try LogKeySource(in: scratch.path) }
        #expect(failure?.text.contains("none called `sandboxd-key`") == true)
    }

    @Test("a key that is not the log's is refused, and the log is as before")
    func wrongKey() throws {
        let path = scratch.path + "/log"
        try hand("sandboxd-key", key.text)
        do { try LogKeySource(in: scratch.path).open(path, .daemon).checkpoint() }
        try hand("sandboxd-key", try SigningKey(generatingNamed: "log.example").text)
        #expect(throws: LogError.otherKey(key.verifier)) { try LogKeySource(in: scratch.path).open(path, .daemon) }
        #expect(DaemonFailure.log(.otherKey(key.verifier)).text.contains(key.verifier.text))
        #expect(verify(directory: path, expecting: LogExpectation(key: key.verifier)).isGood)
    }
}
