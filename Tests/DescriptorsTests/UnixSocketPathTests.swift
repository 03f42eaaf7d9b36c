import Descriptors
import Foundation
import Testing

@Suite struct UnixSocketPathTests {
    @Test("a socket can be made and reached below a directory whose path no address holds")
    func longPaths() throws {
        let base = FileManager.default.temporaryDirectory.appending(path: "sbx-\(UUID().uuidString)-" + String(repeating: "x", count: 90))
            .path
        try FileManager.default.createDirectory(atPath: base, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: base) }
        #expect(throws: Errno.nameTooLong) { _ = try UnixSocket.listen(at: base + "/socket").number }
        let directory = try WorkingDirectory().open(base, [.path, .directory])
        let listener = try UnixSocket.listen(named: "socket", in: directory)
        _ = try UnixSocket.connect(named: "socket", in: directory).number
        #expect(try listener.accept() != nil)
    }
}
