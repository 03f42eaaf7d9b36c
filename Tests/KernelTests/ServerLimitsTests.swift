import CLaunch
import CLinux
import Descriptors
import Glibc
import KernelPlan
import Testing

@testable import Kernel

@Suite("limits of a session", .enabled(if: isRoot, "needs root: cgroups"), .serialized)
struct ServerLimitsTests {
    static let limits = ResourceLimits(tasks: 5, memory: 64 << 20, cpu: 20)

    /// A scope with limits, in whichever hierarchies this host has; all of it goes at the end.
    final class Limited {
        let scratch: ScratchScope
        let limits: ServerLimits
        /// The scratch cgroup stands for the daemon's own, and lies in the root.
        var root: UnifiedControllers?

        init(_ asked: ResourceLimits = ServerLimitsTests.limits) throws {
            root = try CgroupTree.find().map { UnifiedControllers.enable(in: CgroupTree(mount: $0.mount, own: "/")) }
            let scratch = try ScratchScope()
            self.scratch = scratch
            let controllers = try Controllers.find(enabled: UnifiedControllers.enable(in: scratch.tree))
            let id = scratch.parent.split(separator: "/").last.map(String.init) ?? "1"
            limits = try ServerLimits(asked, session: id, scope: scratch.scope, controllers)
            try limits.make(in: scratch.scope)
        }

        deinit {
            try? scratch.scope.kill()
            for _ in 0..<1_000 where (try? scratch.scope.isPopulated()) == true { usleep(1_000) }
            limits.remove()
        }

        /// Runs a shell command there, born as a server is: into the leaf, then by its own step into the rest.
        func start(_ command: String) throws -> StartedProcess {
            let null = try WorkingDirectory().open("/dev/null", .readWrite)
            let leaf = try scratch.scope.open(.server)
            let entries = try limits.entries()
            let specification = LaunchSpecification(
                path: Array("/bin/sh".utf8), arguments: ["sh", "-c", command].map { Array($0.utf8) }, environment: [],
                identity: LaunchSpecification.Identity(uid: 12345, gid: 12345, groups: [], isChanged: true), waitsForGo: false)
            return try StartedProcess.start(
                specification,
                LaunchSpecification.Descriptors(
                    controllers: (0..<entries.count).compactMap { entries.peek($0) },
                    inherited: [null.borrowed, null.borrowed, null.borrowed]),
                cgroup: leaf.borrowed)
        }

        /// Runs it to its end, and says how that was.
        func run(_ command: String) throws -> (code: Int32, status: Int32) {
            let process = try start(command)
            var ended = clx_exit()
            guard clx_wait_pidfd(process.pidfd.number, 1, &ended) == 0 else { throw Errno.last }
            return (ended.code, ended.status)
        }
    }

    @Test("the one process in there is the one that is meant, and each limit stands as written")
    func checks() throws {
        let limited = try Limited()
        let process = try limited.start("exec sleep 60")
        #expect(try limited.limits.objection(to: process.pid) == nil)
        let leaf = limited.scratch.scope.path(of: .server)
        if limited.limits.directories.values.contains(where: { $0 != leaf }) {
            #expect(try limited.limits.objection(to: getpid()) != nil)
        }
        let file = try #require(limited.limits.directories[.tasks]) + "/pids.max"
        try WorkingDirectory().open(file, .write).writeWhole("6")
        #expect(try limited.limits.objection(to: process.pid) == "\(file) is `6`, not `5`")
        process.kill()
        process.reap(waiting: true)
    }

    @Test("a process that is not in there is no server of that session")
    func strangers() throws {
        let limited = try Limited()
        let leaf = limited.scratch.scope.path(of: .server)
        // In cgroup2 the daemon checks by the leaf that the process was born into.
        guard limited.limits.directories.values.contains(where: { $0 != leaf }) else { return }
        #expect(try limited.limits.objection(to: getpid()) != nil)
    }

    @Test("more tasks are refused and counted, as many are not")
    func tasks() throws {
        let limited = try Limited()
        #expect(try limited.run("sleep 0.2 & sleep 0.2 & wait").status == 0)
        #expect(limited.limits.reached().tasks == 0)
        #expect(try limited.run("for i in 1 2 3 4 5 6 7; do sleep 0.2 & done; wait").status != 0)
        #expect(limited.limits.reached().tasks > 0)
    }

    @Test("more memory ends the process and is counted, less does not")
    func memory() throws {
        let limited = try Limited()
        let take = "exec /usr/bin/python3 -c 'bytearray(SIZE << 20)'"
        #expect(try limited.run(take.replacing("SIZE", with: "8")) == (1, 0))
        #expect(limited.limits.reached().memory == 0)
        #expect(try limited.run(take.replacing("SIZE", with: "200")) == (2, SIGKILL))
        #expect(limited.limits.reached().memory == 1)
    }

    @Test("a limit that cannot be written leaves nothing")
    func fails() throws {
        let limited = try Limited()
        let leaf = limited.scratch.scope.path(of: .server)
        let own = Set(limited.limits.directories.values).subtracting([leaf])
        // What is there already is somebody else's.
        if !own.isEmpty { #expect(throws: LaunchFailure.self) { try limited.limits.make(in: limited.scratch.scope) } }
        let missing = SessionScope(directory: "/nonexistent/sandboxd.x")
        let nowhere = try ServerLimits(
            Self.limits, session: "x", scope: missing,
            Controllers([
                .tasks: .legacy(directory: "/nonexistent"), .memory: .legacy(directory: "/nonexistent"), .cpu: .unified,
            ]))
        #expect(throws: LaunchFailure.self) { try nowhere.make(in: missing) }
    }
}

extension String {
    fileprivate func replacing(_ part: String, with other: String) -> String {
        split(separator: part, omittingEmptySubsequences: false).joined(separator: other)
    }
}
