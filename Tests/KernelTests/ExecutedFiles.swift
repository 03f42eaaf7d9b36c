import CLinux
import Descriptors
import Glibc
import KernelPlan

@testable import Kernel

/// Programs and scripts in a directory of the test's own, of which some are granted; all of it goes at the end.
final class ExecutedFiles {
    /// Below `directory`. Each program says in its exit status that it ran.
    static let granted = ["tool", "script", "script-of-other"]

    let directory: String

    init() throws {
        directory = "/tmp/sandboxd-test-\(getpid())-\(clx_monotonic_nanoseconds())"
        try WorkingDirectory().makeDirectory(directory, mode: 0o755)
        try WorkingDirectory().makeDirectory(directory + "/moved", mode: 0o755)
        let program = try WorkingDirectory().open("/bin/true", .read).readAll(limit: 1 << 22) ?? []
        for name in ["tool", "other", "moved/tool"] { try write(program, name) }
        for (name, interpreter) in [("script", "tool"), ("script-of-other", "other"), ("other-script", "tool")] {
            try write(Array("#!\(directory)/\(interpreter)\n".utf8), name)
        }
        try write(Array("#!/usr/bin/python3 -IS\n\(ExecuteLayerTests.dial)\n\(ExecuteLayerTests.again)\n".utf8), "launched")
        guard symlink("tool", path("link")) == 0, symlink("other", path("other-link")) == 0, Glibc.link(path("tool"), path("hard")) == 0
        else { throw Errno.last }
    }

    deinit {
        for name in ["tool", "other", "moved/tool", "script", "script-of-other", "other-script", "launched", "link", "other-link", "hard"] {
            unlink(path(name))
        }
        rmdir(directory + "/moved")
        rmdir(directory)
    }

    func path(_ name: String) -> String { directory + "/" + name }

    private func write(_ bytes: [UInt8], _ name: String) throws {
        let file = try WorkingDirectory().open(path(name), [.write, .create, .exclusive], mode: 0o755)
        try file.writeWhole(bytes)
    }

    // MARK: What a policy says of them

    /// The granted, and a python that tries them. `more` are absolute.
    func plan(_ more: [String] = [], once: Bool = false) throws -> CgroupPlan {
        CgroupPlan(
            hooks: [.execute], tcp: .any, udp: .any,
            executed: try (["/usr/bin/python3"] + Self.granted.map(path) + more).map(Self.rule), executesOnce: once)
    }

    static func rule(_ path: String) throws -> InodeRule {
        let status = try WorkingDirectory().open(path, .path).status()
        return InodeRule(path: path, device: status.device, inode: status.inode)
    }

    /// Programs of the plan on a cgroup. The descriptors are kept, as a Landlock domain keeps the inodes of a session's.
    final class Attached {
        let scratch: ScratchScope
        let leaf: OwnedDescriptor
        let pins: String
        private let files: [(InodeRule, Int32)]

        init(_ plan: CgroupPlan) throws {
            scratch = try ScratchScope()
            leaf = try scratch.scope.open(.server)
            pins = scratch.bpffs + "/pins"
            let files = try plan.executed.map { ($0, try WorkingDirectory().open($0.path, .path).release()) }
            self.files = files
            _ = try EgressPrograms.attach(plan, to: leaf, pins: pins) { rule throws(Errno) in
                guard let file = files.first(where: { $0.0 == rule }) else { throw .noEntry }
                return BorrowedDescriptor(file.1)
            }
        }

        deinit {
            EgressPrograms.remove(pins: pins)
            for (_, number) in files { close(number) }
        }
    }
}
