import CKernel
import CLinux
import Glibc

/// A cgroup of the test's own, with the leaves of a session; everything in it is killed and it is removed at the end.
final class ScratchCgroup {
    let path: String
    let leaves = ["keeper", "gate", "server", "proxy"]

    init() throws {
        let root = try required(ScratchCgroup.mountPoint(), "cgroup2 is not mounted")
        var random: UInt64 = 0
        clx_random(&random, 8)
        path = "\(root)/sandboxd-test-\(getpid())-\(random)"
        for directory in [path] + leaves.map({ "\(path)/\($0)" }) {
            try require(mkdir(directory, 0o755) == 0 ? 0 : -errno, "mkdir \(directory)")
        }
    }

    deinit {
        let directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        _ = ck_cgroup_kill(directory)
        close(directory)
        for directory in leaves.map({ "\(path)/\($0)" }) + [path] {
            var attempts = 0
            while rmdir(directory) != 0, errno == EBUSY, attempts < 2000 {
                attempts += 1
                usleep(1000)
            }
        }
    }

    func directory(_ leaf: String) -> Int32 { open("\(path)/\(leaf)", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    /// Everything in it, now.
    func kill(_ leaf: String) {
        let file = killFile(leaf)
        _ = write(file, "1", 1)
        close(file)
    }

    func killFile(_ leaf: String) -> Int32 { open("\(path)/\(leaf)/cgroup.kill", O_WRONLY | O_CLOEXEC) }

    /// Where cgroup2 is mounted; on hybrid hosts below the version 1 hierarchies.
    private static func mountPoint() -> String? {
        for line in readFile("/proc/self/mountinfo").split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard let dash = fields.firstIndex(of: "-"), fields.count > dash + 1, fields[dash + 1] == "cgroup2" else { continue }
            return String(fields[4])
        }
        return nil
    }
}
