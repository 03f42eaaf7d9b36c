import Descriptors
import Glibc
import PathFinding
import StrictJSON
import TestSupport
import Testing

@testable import Daemon

@Suite struct FileDigestsTests {
    let scratch: ScratchDirectory
    private static let sha256 = String(repeating: "0f", count: 32)

    init() throws {
        scratch = try ScratchDirectory()
    }

    private var path: String { scratch.path + "/file-digests" }

    private func version(_ name: String, _ content: String = "x") throws -> FileVersion {
        let path = scratch.path + "/" + name
        try WorkingDirectory().open(path, [.write, .create, .truncate]).writeWhole(content)
        return FileVersion(try WorkingDirectory().status(of: path))
    }

    /// Long after any of the files was written.
    private var later: UInt64 { Clock.realtime + 10_000_000_000 }

    @Test("what was read is known by its version, to the next daemon, too")
    func kept() throws {
        let version = try version("a")
        let digests = FileDigests(path: path)
        #expect(digests[version] == nil)
        digests.add([.read(sha256: Self.sha256, version), .unread("EACCES")], now: later)
        #expect(digests[version] == Self.sha256)
        #expect(FileDigests(path: path)[version] == Self.sha256)
        #expect(try WorkingDirectory().status(of: path).permissions == 0o600)
        usleep(20_000)
        #expect(digests[try self.version("a", "y")] == nil, "it was written meanwhile")
    }

    @Test("a file that was only just written may be written again without showing it: it is read at the next start")
    func settling() throws {
        let version = try version("a")
        let digests = FileDigests(path: path)
        digests.add([.read(sha256: Self.sha256, version)], now: UInt64(version.changed) + 1_000_000_000)
        #expect(digests[version] == nil)
    }

    @Test("of another boot, and of a file that is none of ours, nothing is believed")
    func foreign() throws {
        let version = try version("a")
        FileDigests(path: path).add([.read(sha256: Self.sha256, version)], now: later)
        let whole = try #require(try WorkingDirectory().contents(of: path, limit: 1 << 20))
        let boot = try #require(FileDigests.boot)
        for text in [
            String(decoding: whole, as: UTF8.self).replacing(boot, with: "another"), String(decoding: whole.dropLast(), as: UTF8.self), "",
            "{}", "[]",
        ] {
            try WorkingDirectory().open(path, [.write, .truncate]).writeWhole(text)
            #expect(FileDigests(path: path)[version] == nil)
        }
    }

    @Test("it is bounded: what was known longest goes first")
    func bounded() throws {
        let digests = FileDigests(path: path)
        let versions = try (0...FileDigests.most).map { try version("f\($0)") }
        for version in versions { digests.add([.read(sha256: Self.sha256, version)], now: later) }
        #expect(digests[versions[0]] == nil && digests[versions[1]] != nil && digests[versions[FileDigests.most]] != nil)
    }
}
