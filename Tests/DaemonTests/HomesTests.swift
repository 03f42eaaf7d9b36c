import Foundation
import Testing

@testable import Daemon

@Suite struct HomesTests {
    @Test("a home is removed with all beneath it, and no link is followed")
    func removes() throws {
        let base = FileManager.default.temporaryDirectory.appending(path: "sbx-\(UUID().uuidString.prefix(8))").path
        defer { try? FileManager.default.removeItem(atPath: base) }
        let home = base + "/home"
        try FileManager.default.createDirectory(atPath: home + "/a/b/c", withIntermediateDirectories: true)
        try FileManager.default.createDirectory(atPath: base + "/other", withIntermediateDirectories: true)
        for file in ["home/a/file", "home/a/b/.hidden", "other/kept"] { try Data().write(to: URL(filePath: base + "/" + file)) }
        try FileManager.default.createSymbolicLink(atPath: home + "/a/link", withDestinationPath: base + "/other")
        Homes.remove(home)
        #expect(!FileManager.default.fileExists(atPath: home))
        #expect(FileManager.default.fileExists(atPath: base + "/other/kept"))
    }

    @Test("a home that is a link is left alone")
    func leavesLinksAlone() throws {
        let base = FileManager.default.temporaryDirectory.appending(path: "sbx-\(UUID().uuidString.prefix(8))").path
        defer { try? FileManager.default.removeItem(atPath: base) }
        try FileManager.default.createDirectory(atPath: base + "/other", withIntermediateDirectories: true)
        try Data().write(to: URL(filePath: base + "/other/kept"))
        try FileManager.default.createSymbolicLink(atPath: base + "/home", withDestinationPath: base + "/other")
        Homes.remove(base + "/home")
        #expect(FileManager.default.fileExists(atPath: base + "/other/kept"))
    }
}
