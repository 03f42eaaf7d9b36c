import Descriptors
import EventLoop
import Foundation
import Testing

@testable import Daemon

@Suite struct ControlListenerTests {
    let directory = FileManager.default.temporaryDirectory.appending(path: "sbx-\(UUID().uuidString.prefix(8))").path

    func listen(_ name: String, _ loop: EventLoop) throws(DaemonFailure) -> ControlListener {
        try ControlListener(at: directory + "/" + name, in: loop, count: { 0 }, serve: { _ in })
    }

    @Test("a file that is no socket is left alone")
    func leavesFilesAlone() throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try Data("keep".utf8).write(to: URL(filePath: directory + "/file"))
        #expect(throws: DaemonFailure.socketTaken(directory + "/file")) { try listen("file", EventLoop()) }
        #expect(try String(contentsOfFile: directory + "/file", encoding: .utf8) == "keep")
    }

    @Test("a socket that is served is left alone, one that is not is replaced")
    func replacesDeadSockets() throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let loop = try EventLoop()
        var first: ControlListener? = try listen("socket", loop)
        #expect(throws: DaemonFailure.socketTaken(directory + "/socket")) { try listen("socket", loop) }
        first?.close()
        first = nil
        _ = try listen("socket", loop)
    }
}
