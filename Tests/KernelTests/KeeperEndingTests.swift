import CLaunch
import Testing

@testable import Kernel

@Suite struct KeeperEndingTests {
    static func bytes(version: UInt32) -> [UInt8] {
        var ending = cl_ending()
        ending.version = version
        ending.first = CL_ROLE_SERVER
        ending.server = cl_exit(started: 1, code: 2, status: 9)
        return withUnsafeBytes(of: &ending) { Array($0) }
    }

    @Test("what a keeper left for a daemon that was away is read")
    func reads() throws {
        let ending = try #require(KeeperEnding(record: Self.bytes(version: UInt32(CL_VERSION))))
        #expect(ending.first == .server)
        #expect(ending.server == .killed(signal: 9))
        #expect(ending.gate == .neverStarted)
    }

    @Test("a record that is short, empty or of another version is none")
    func refuses() {
        let whole = Self.bytes(version: UInt32(CL_VERSION))
        #expect(KeeperEnding(record: Array(whole.dropLast())) == nil)
        #expect(KeeperEnding(record: []) == nil)
        #expect(KeeperEnding(record: Self.bytes(version: UInt32(CL_VERSION) + 1)) == nil)
    }
}
