import CLinux
import Descriptors
import Glibc

@testable import Kernel

/// A cgroup of the test's own with a scope in it, and a bpffs for pins; all of it goes at the end.
final class ScratchScope {
    let parent: String
    let tree: CgroupTree
    let scope: SessionScope
    let bpffs: String

    init() throws {
        let own = try CgroupTree.find()
        guard let own else { throw Errno.noEntry }
        let name = "sandboxd-test-\(getpid())-\(clx_monotonic_nanoseconds())"
        parent = own.mount + "/" + name
        try WorkingDirectory().makeDirectory(parent, mode: 0o755)
        tree = CgroupTree(mount: own.mount, own: "/" + name)
        scope = SessionScope(session: "1", in: tree)
        try scope.make()
        bpffs = "/tmp/" + name
        try WorkingDirectory().makeDirectory(bpffs)
        guard clx_mount_bpffs(bpffs) == 0 else { throw Errno.last }
    }

    deinit {
        try? scope.kill()
        for attempt in 0..<2_000 {
            do {
                try scope.remove()
                try WorkingDirectory().removeDirectory(parent)
                break
            } catch {
                usleep(UInt32(attempt < 10 ? 100 : 1_000))
            }
        }
        _ = clx_unmount(bpffs)
        rmdir(bpffs)
    }
}

let isRoot = getuid() == 0
