import Descriptors
import TestSupport
import Testing

@testable import Daemon

@Suite struct UserMarkTests {
    @Test("what is written is read, and nothing is where nothing was written")
    func roundTrips() throws {
        let directory = try ScratchDirectory()
        let mark = UserMark(path: directory.path + "/uids")
        #expect(try mark.read() == nil)
        try mark.write(2_000_000_192)
        try mark.write(2_000_000_384)
        #expect(try mark.read() == 2_000_000_384)
    }

    @Test("what no daemon wrote is not taken for a beginning", arguments: ["", "x\n", "12", "12\n\n", "-3\n", "99999999999\n"])
    func refuses(_ text: String) throws {
        let directory = try ScratchDirectory()
        let mark = UserMark(path: directory.path + "/uids")
        try WorkingDirectory().open(mark.path, [.write, .create]).writeWhole(Array(text.utf8))
        #expect(throws: Errno.invalid) { try mark.read() }
    }
}
