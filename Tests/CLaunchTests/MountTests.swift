import CKernel
import CLaunch
import CLinux
import Glibc
import Testing

@Suite("mounts and networks of a child's own", .enabled(if: isRoot, "needs root: mounts"), .serialized)
struct MountTests {
    /// A directory of this test's own, on the filesystem of /var/tmp.
    final class Place {
        let path: String

        init() {
            var template = Array("/var/tmp/sandboxd-mounts-XXXXXX".utf8CString)
            path = String(cString: mkdtemp(&template)!)
            chmod(path, 0o755)
        }

        deinit { _ = Glibc.system("rm -rf '\(path)'") }

        @discardableResult
        func directory(_ name: String) -> String {
            mkdir(path + "/" + name, 0o755)
            chown(path + "/" + name, 12345, 12345)
            return path + "/" + name
        }

        @discardableResult
        func file(_ name: String, _ text: String = "text") -> String {
            let file = open(path + "/" + name, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
            _ = write(file, text, text.utf8.count)
            fchown(file, 12345, 12345)
            close(file)
            return path + "/" + name
        }
    }

    struct Mount {
        var kind: cl_mount_kind
        var path: String
        var rights: UInt64 = 0
        var inode: UInt64 = 0
        var target: String?

        init(_ kind: cl_mount_kind, _ path: String, rights: UInt64 = 0, inode: UInt64 = 0) {
            (self.kind, self.path, self.rights, self.inode) = (kind, path, rights, inode)
        }
    }

    static func list(_ mounts: [Mount]) throws -> Int32 {
        let list = try require(cl_mounts_begin(), "cl_mounts_begin")
        for mount in mounts {
            if let target = mount.target { try require(cl_mounts_add_link(list, mount.path, target), "cl_mounts_add_link") }
            if mount.target != nil { continue }
            var wire = cl_mount()
            (wire.kind, wire.rights, wire.inode) = (mount.kind, mount.rights, mount.inode)
            try require(cl_mounts_add(list, &wire, mount.path), "cl_mounts_add")
        }
        try require(cl_mounts_end(list), "cl_mounts_end")
        return list
    }

    /// Mounts as this process sees them, as far as these tests could have made them: others mount on this host, too.
    static var mounted: [String] {
        let file = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC)
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        var count = 0
        while count < bytes.count {
            let got = bytes.withUnsafeMutableBytes { read(file, $0.baseAddress! + count, $0.count - count) }
            if got <= 0 { break }
            count += got
        }
        let points = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n").map { String($0.split(separator: " ")[4]) }
        return points.filter { ["/", "/proc", "/tmp", "/var/tmp", "/dev/null"].contains($0) || $0.contains("sandboxd-mounts-") }
    }

    @Test("what is lent is the session's own, what is made there the lender's, and what others have there nobody's")
    func lent() throws {
        let place = Place()
        let lent = place.directory("lent")
        for (name, uid) in [("theirs", UInt32(4711)), ("others", 4712)] { chown(place.file("lent/" + name), uid, uid) }
        chown(lent, 4711, 4711)
        chmod(lent, 0o700)
        chmod(lent + "/others", 0o666)
        let mapping = try require(cl_mapping_make(4711, 4711, 12345, 12345), "cl_mapping_make")
        defer { close(mapping) }
        let program = """
            import os
            def attempt(act, *words):
                try: act(*words); print('done')
                except OSError as error: print(error.errno)
            os.chdir('\(lent)')
            print(os.stat('theirs').st_uid == os.getuid(), os.stat('others').st_uid == os.getuid())
            attempt(open, 'theirs', 'a')
            attempt(open, 'made', 'w')
            attempt(open, 'others', 'a')
            attempt(os.chmod, 'others', 0o777)
            os.close(os.open('setuid', os.O_CREAT | os.O_WRONLY, 0o4755))
            print(bool(os.statvfs('.').f_flag & os.ST_NOSUID), bool(os.statvfs('.').f_flag & os.ST_NODEV))
            """
        try expect(said([Mount(CL_MOUNT_MAPPED, lent)], mapping: mapping, program), "True False\ndone\ndone\n13\n75\nTrue True\n")
        var facts = stat()
        #expect(lstat(lent + "/made", &facts) == 0 && facts.st_uid == 4711 && facts.st_gid == 4711)
        // Without the mount the directory is closed.
        #expect(try said([], program).contains("Permission denied"))
    }

    /// What a Python program says that was started with these mounts.
    private func said(
        _ mounts: [Mount], flags: UInt32 = 0, directory: String? = nil, ruleset: Int32? = nil, mapping: Int32? = nil, _ program: String
    ) throws -> String {
        let before = Self.mounted
        let session = try Session()
        try session.startGate()
        var launch = try session.server(path: "/usr/bin/python3", arguments: ["python3", "-IS", "-c", program])
        launch.flags |= flags
        if !mounts.isEmpty { launch.mounts = try Self.list(mounts) }
        launch.directory = directory.map { FailingStepTests.open($0, O_DIRECTORY) }
        launch.ruleset = ruleset
        launch.mapping = mapping
        try session.harness.launch(CL_ROLE_SERVER, launch)
        session.output.closeWriting()
        session.errors.closeWriting()
        let said = session.output.drain() + session.errors.drain()
        try session.harness.expect(CL_REPORT_ENDED)
        #expect(Self.mounted == before, "a mount came out")
        return said
    }

    /// With what was said in the failure.
    private func expect(_ said: String, _ expected: String, at location: SourceLocation = #_sourceLocation) {
        #expect(said == expected, sourceLocation: location)
    }

    @Test("an empty directory in memory hides what lies there outside, and what is written there stays inside")
    func temporary() throws {
        let place = Place()
        let outer = place.directory("outer")
        place.file("outer/theirs")
        let program = """
            import os
            print(os.listdir('\(outer)'))
            open('\(outer)/mine', 'w').write('x')
            print(os.listdir('\(outer)'), oct(os.stat('\(outer)').st_mode))
            """
        try expect(said([Mount(CL_MOUNT_TEMPORARY, outer)], program), "[]\n['mine'] 0o41777\n")
        #expect(access(outer + "/mine", F_OK) == -1)
        #expect(access(outer + "/theirs", F_OK) == 0)
    }

    @Test("a rule on what was mounted is a rule of the domain, and the only one there")
    func rule() throws {
        let place = Place()
        let (granted, other) = (place.directory("granted"), place.directory("other"))
        let rights = UInt64(CK_FS_READ_DIR | CK_FS_READ_FILE)
        let ruleset = ck_landlock_create_ruleset(UInt64(CK_FS_READ_DIR), 0, 0)
        // Python looks for its modules there.
        let usr = FailingStepTests.open("/usr", O_DIRECTORY)
        defer { close(usr) }
        try require(ck_landlock_add_path(ruleset, usr, UInt64(CK_FS_READ_DIR)), "ck_landlock_add_path")
        let program = """
            import os
            for path in ('\(granted)', '\(other)'):
                try: print(os.listdir(path))
                except OSError as error: print(error.strerror)
            """
        let mounts = [Mount(CL_MOUNT_TEMPORARY, granted, rights: rights & UInt64(CK_FS_READ_DIR)), Mount(CL_MOUNT_TEMPORARY, other)]
        try expect(said(mounts, ruleset: ruleset, program), "[]\nPermission denied\n")
    }

    @Test("a read-only bind cannot be changed, nor the directories that lead to it be moved; a neighbour can")
    func bound() throws {
        let place = Place()
        let outer = place.directory("outer")
        place.directory("outer/git")
        place.directory("outer/git/hooks")
        place.file("outer/git/hooks/one")
        let program = """
            import os
            def attempt(act, *words):
                try: act(*words); print('done')
                except OSError as error: print(error.errno)
            os.chdir('\(outer)')
            attempt(open, 'git/hooks/one', 'a')
            attempt(open, 'git/hooks/two', 'w')
            attempt(os.rename, 'git', 'other')
            attempt(os.rename, 'git/hooks', 'git/other')
            attempt(os.unlink, 'git/hooks/one')
            attempt(os.chmod, 'git/hooks/one', 0o600)
            attempt(open, 'git/config', 'w')
            print(open('git/hooks/one').read())
            """
        let mounts = [Mount(CL_MOUNT_SAME, outer + "/git"), Mount(CL_MOUNT_READ_ONLY, outer + "/git/hooks")]
        try expect(said(mounts, program), "30\n30\n16\n16\n30\n30\ndone\ntext\n")
        // The same without the mounts.
        #expect(try said([], program).split(separator: "\n").prefix(3) == ["done", "done", "done"])
    }

    @Test("the working directory is the one that is mounted there, however it was opened")
    func workingDirectory() throws {
        let place = Place()
        let inner = place.directory("inner")
        let program = """
            import os
            print(os.getcwd())
            try: open('file', 'w'); print('done')
            except OSError as error: print(error.errno)
            """
        try expect(said([Mount(CL_MOUNT_READ_ONLY, inner)], directory: inner, program), "\(inner)\n30\n")
        try expect(said([], directory: inner, program), "\(inner)\ndone\n")
    }

    @Test("an own /proc shows a process of another uid's nowhere, and no files of the kernel")
    func proc() throws {
        let program = """
            import os
            print([name for name in os.listdir('/proc') if name.isdigit()] == [str(os.getpid())])
            for path in ('/proc/self/status', '/proc/\(getpid())/status', '/proc/version', '/proc/sys'):
                print(os.path.exists(path))
            """
        let ruleset = ck_landlock_create_ruleset(UInt64(CK_FS_MAKE_BLOCK), 0, 0)  // others of this uid are strangers to a domain
        try expect(said([Mount(CL_MOUNT_PROC, "/proc")], ruleset: ruleset, program), "True\nTrue\nFalse\nFalse\nFalse\n")
        try expect(said([], program), "False\nTrue\nTrue\nTrue\nTrue\n")
    }

    @Test("a tree of one's own holds what is brought in, and nothing else")
    func tree() throws {
        let place = Place()
        let shown = place.file("shown")
        place.file("other")
        let program = """
            import os
            print(os.listdir('\(place.path)'), open('\(shown)').read(), sorted(os.listdir('/')))
            for path in ('\(place.path)/new', '/new'):
                try: open(path, 'w'); print('done')
                except OSError as error: print(error.errno)
            print(os.getcwd(), os.listdir('/tmp'))
            """
        // Python and its libraries; the loader is named by way of a link.
        var mounts = ["/usr", shown].map { Mount(CL_MOUNT_SHOWN, $0) } + [Mount(CL_MOUNT_TEMPORARY, "/tmp")]
        for name in ["/lib", "/lib64"] {
            var link = Mount(CL_MOUNT_LINK, name)
            link.target = "usr" + name
            mounts.insert(link, at: 0)
        }
        let said = try said(mounts, directory: place.path, program)
        #expect(said.contains("['shown'] text"), "\(said)")
        #expect(said.contains("30\n30\n\(place.path) []"), "\(said)")
    }

    @Test("an empty network has no address, and nobody's abstract sockets")
    func network() throws {
        let program = """
            print(open('/proc/net/route').read().count(chr(10)), repr(open('/proc/net/fib_trie').read()), open('/proc/net/unix').read().count('@'))
            """
        try expect(said([], flags: UInt32(CL_EMPTY_NETWORK), program), "0 '' 0\n")
        #expect(try said([], program) != "0 '' 0\n", "positive control")
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let step: cl_step
        let error: Int32
        let breaks: @Sendable (inout TestLaunch, Place) throws -> Void
    }

    static let cases = [
        Case(testDescription: "a list that can still be changed", step: CL_STEP_READ_SPECIFICATION, error: EINVAL) { launch, _ in
            launch.mounts = try FailingStepTests.memory([UInt8](repeating: 0, count: 64), sealed: false)
        },
        Case(testDescription: "a list that is none", step: CL_STEP_READ_SPECIFICATION, error: EINVAL) { launch, _ in
            launch.mounts = try FailingStepTests.memory([UInt8](repeating: 0x41, count: 64))
        },
        Case(testDescription: "nothing where a mount goes", step: CL_STEP_FIND_PLACE, error: ENOENT) { launch, place in
            launch.mounts = try list([Mount(CL_MOUNT_READ_ONLY, place.path + "/absent")])
        },
        Case(testDescription: "a link where a mount goes", step: CL_STEP_FIND_PLACE, error: ELOOP) { launch, place in
            symlink(place.directory("real"), place.path + "/link")
            launch.mounts = try list([Mount(CL_MOUNT_READ_ONLY, place.path + "/link")])
        },
        Case(testDescription: "a link on the way there", step: CL_STEP_FIND_PLACE, error: ELOOP) { launch, place in
            place.directory("real")
            place.directory("real/inner")
            symlink(place.path + "/real", place.path + "/link")
            launch.mounts = try list([Mount(CL_MOUNT_SAME, place.path + "/link/inner")])
        },
        Case(testDescription: "another inode than was found", step: CL_STEP_FIND_PLACE, error: ESTALE) { launch, place in
            launch.mounts = try list([Mount(CL_MOUNT_SAME, place.directory("inner"), inode: 1)])
        },
        Case(testDescription: "a directory over a file", step: CL_STEP_PLACE_MOUNT, error: EINVAL) { launch, place in
            launch.mounts = try list([Mount(CL_MOUNT_TEMPORARY, place.file("file"))])
        },
        Case(testDescription: "owners mapped by nothing", step: CL_STEP_MAP_OWNERS, error: EBADF) { launch, place in
            launch.mounts = try list([Mount(CL_MOUNT_MAPPED, place.directory("inner"))])
        },
        Case(testDescription: "owners mapped by something else than a user namespace", step: CL_STEP_MAP_OWNERS, error: EINVAL) {
            launch, place in
            launch.mounts = try list([Mount(CL_MOUNT_MAPPED, place.directory("inner"))])
            launch.mapping = FailingStepTests.open("/")
        },
        Case(testDescription: "owners mapped by the host's own user namespace", step: CL_STEP_MAP_OWNERS, error: EPERM) { launch, place in
            launch.mounts = try list([Mount(CL_MOUNT_MAPPED, place.directory("inner"))])
            launch.mapping = FailingStepTests.open("/proc/self/ns/user")
        },
        Case(testDescription: "a rule without a ruleset", step: CL_STEP_MOUNT_RULE, error: EBADF) { launch, place in
            launch.mounts = try list([Mount(CL_MOUNT_TEMPORARY, place.directory("inner"), rights: 4)])
        },
        Case(testDescription: "a rule that the ruleset does not handle", step: CL_STEP_MOUNT_RULE, error: EINVAL) { launch, place in
            launch.mounts = try list([Mount(CL_MOUNT_TEMPORARY, place.directory("inner"), rights: 4)])
            launch.ruleset = ck_landlock_create_ruleset(UInt64(CK_FS_EXECUTE), 0, 0)
        },
        Case(testDescription: "a tree through a file", step: CL_STEP_MAKE_TREE, error: ENOTDIR) { launch, _ in
            launch.mounts = try list([Mount(CL_MOUNT_SHOWN, "/dev/null"), Mount(CL_MOUNT_TEMPORARY, "/dev/null/inner")])
        },
        Case(testDescription: "a working directory that is hidden", step: CL_STEP_REENTER_DIRECTORY, error: ENOENT) { launch, place in
            let inner = place.directory("inner")
            launch.directory = FailingStepTests.open(place.directory("inner/deep"), O_DIRECTORY)
            launch.mounts = try list([Mount(CL_MOUNT_TEMPORARY, inner)])
        },
        Case(testDescription: "a working directory that is another", step: CL_STEP_REENTER_DIRECTORY, error: ESTALE) { launch, place in
            let inner = place.directory("inner")
            launch.directory = FailingStepTests.open(inner, O_DIRECTORY)
            launch.mounts = try list([Mount(CL_MOUNT_TEMPORARY, inner)])
        },
    ]

    @Test("each failing step is reported with its errno, and nothing is left", arguments: cases)
    func isReported(_ testCase: Case) throws {
        let place = Place()
        let before = Self.mounted
        let session = try Session()
        try session.startGate()
        var launch = try session.server(path: "/bin/true", arguments: ["true"])
        try testCase.breaks(&launch, place)
        let failure = try session.harness.failure(CL_ROLE_SERVER, launch)
        #expect(failure.step == testCase.step, "step \(failure.step.rawValue)")
        #expect(failure.error == testCase.error, "\(String(cString: strerror(failure.error)))")
        let ending = try session.harness.expect(CL_REPORT_ENDED).ending
        #expect(ending.step == testCase.step && ending.server.started == 0)
        #expect(Self.mounted == before, "a mount came out")
    }

    @Test("a list takes what can be mounted, and no more")
    func notListed() throws {
        let list = try require(cl_mounts_begin(), "cl_mounts_begin")
        defer { close(list) }
        var mount = cl_mount()
        mount.kind = CL_MOUNT_TEMPORARY
        for path in ["", "/", "relative"] { #expect(cl_mounts_add(list, &mount, path) == -EINVAL) }
        mount.kind = cl_mount_kind(rawValue: 7)
        #expect(cl_mounts_add(list, &mount, "/tmp") == -EINVAL)
        mount.kind = cl_mount_kind(rawValue: 0)
        #expect(cl_mounts_add(list, &mount, "/tmp") == -EINVAL)
    }
}
