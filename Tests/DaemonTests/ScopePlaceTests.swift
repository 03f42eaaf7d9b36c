import Descriptors
import Testing

@testable import Daemon

@Suite struct ScopePlaceTests {
    @Test(
        "a place for scopes is a name, or a path without steps back",
        arguments: [
            ("sandboxd-sessions.service", true), ("/system.slice/x.service", true), ("", false), ("/", false), ("a/b", false),
            ("..", false),
            ("/a/../b", false), ("/a//b", false), (".", false), ("/a/", false),
        ])
    func reads(_ text: String, _ isPlace: Bool) {
        #expect(ScopePlace(text: text) == (isPlace ? .other(text) : nil))
    }

    @Test("a cgroup that is not there is no place")
    func missing() {
        #expect(throws: Errno.noEntry) { try ScopePlace.other("sandboxd-of-no-unit.service").tree() }
    }
}
