import Descriptors
import Glibc
import StrictJSON
import TestSupport
import Testing

@testable import Daemon

@Suite struct ObservedProcessTests {
    @Test("a process is told as /proc shows it")
    func own() throws {
        let seen = ObservedProcess(getpid(), try .process(getpid()))
        let found = try #require(seen)
        #expect(found.pid == getpid() && found.uid == getuid() && found.parent == getppid())
        var buffer = [CChar](repeating: 0, count: 4_096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        #expect(found.executable == String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self))
        #expect(found.start.map { $0 > 0 } == true && found.json["claim"] == nil)
        #expect(found.json["start"]?.int64 != nil && found.absent["start"] == nil)
    }

    @Test("of a process that has ended nothing is told, since another may have its number")
    func ended() throws {
        var child = pid_t()
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("true"), nil]
        defer { free(arguments[0]) }
        #expect(posix_spawn(&child, "/bin/true", nil, nil, &arguments, nil) == 0)
        let descriptor = try OwnedDescriptor.process(child)
        #expect(waitpid(child, nil, 0) == child)
        // The second: a number that somebody else has by now, and the descriptor of the dead one.
        let seen = [ObservedProcess(child, descriptor), ObservedProcess(getpid(), descriptor)]
        #expect(seen == [nil, nil])
    }

    @Test("what cannot be read is absent, with the reason, and the rest is told")
    func absent() throws {
        var child = pid_t()
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("true"), nil]
        defer { free(arguments[0]) }
        #expect(posix_spawn(&child, "/bin/true", nil, nil, &arguments, nil) == 0)
        let descriptor = try OwnedDescriptor.process(child)
        // A zombie has a number, a parent and a start, and no executable any more.
        var information = siginfo_t()
        #expect(waitid(P_PID, id_t(child), &information, WEXITED | WNOWAIT) == 0)
        let seen = ObservedProcess(child, descriptor)
        let found = try #require(seen)
        #expect(found.executable == nil && found.absent["executable"] != nil && found.start != nil && found.parent == getpid())
        #expect(found.json["absent"]?["executable"]?.string != nil)
        #expect(waitpid(child, nil, 0) == child)
    }

    @Test("a name may hold what looks like more of the line")
    func names() {
        let status = ProcessStatus(Array("Name:\tx) R 1 (\nUmask:\t0022\nPPid:\t7\nUid:\t1\t2\t3\t4\n".utf8))
        #expect(status.name == "x) R 1 (" && status.parent == 7 && status.uid == 1)
    }
}
