import Foundation
import Testing

@testable import Daemon

@Suite struct NamespacesTests {
    @Test("processes of one place share their namespaces, and who has ended has none")
    func compares() throws {
        let own = try #require(Namespaces.ofThis)
        #expect(Namespaces(ofProcess: getpid()) == own)
        #expect(Namespaces(ofProcess: Int32.max) == nil)
        #expect(own.mount.hasPrefix("mnt:["))
        #expect(own.user.hasPrefix("user:["))
    }
}
