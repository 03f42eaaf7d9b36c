import Descriptors
import Glibc
import TestSupport
import Testing

@testable import Daemon

@Suite struct NotifierTests {
    private static func problem(_ path: String) -> DaemonFailure? {
        do throws(DaemonFailure) {
            try Notifier.requireRoots(path)
            return nil
        } catch {
            return error
        }
    }

    @Test("a program of root's is run; one that others can change or replace, a link, a directory and nothing are not")
    func judges() throws {
        #expect(Self.problem("/usr/bin/env") == nil)
        #expect(Self.problem("/usr/./bin/../bin/env") == nil)
        #expect(Self.problem("/usr/bin") == .notifier("/usr/bin", .notProgram))
        #expect(Self.problem("/") == .notifier("/", .notProgram))
        #expect(Self.problem("/usr/bin/env/x") == .notifier("/usr/bin/env", .notDirectory))
        #expect(Self.problem("/usr/bin/no-such-program") == .notifier("/usr/bin/no-such-program", .notRead(.noEntry)))
        #expect(Self.problem("/etc/passwd") == .notifier("/etc/passwd", .notProgram))
        let scratch = try ScratchDirectory()
        guard case .notifier(_, .writable) = Self.problem(scratch.path + "/x") else {
            Issue.record("a directory where everybody may make files")
            return
        }
    }
}
