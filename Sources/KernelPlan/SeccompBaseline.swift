/// What no policy can permit: the part of the baseline that system calls carry. One table, used for the server, for the gate, and by the reference evaluator.
public enum SeccompBaseline {
    static let eperm: Int32 = 1
    static let eacces: Int32 = 13
    static let enotty: Int32 = 25
    static let enosys: Int32 = 38
    static let afNotSupported: Int32 = 97

    public static let groups: [SeccompGroup] = [
        SeccompGroup("other ways into the kernel", fail(enosys, ["io_uring_setup", "io_uring_enter", "io_uring_register", "clone3"])),
        SeccompGroup(
            "system calls newer than this table", (470...511).map { SeccompRule(.number($0, name: "syscall-\($0)"), .fail(errno: enosys)) }),
        SeccompGroup("namespaces and mounts", namespaces),
        SeccompGroup(
            "other processes",
            fail(eperm, ["ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp", "pidfd_getfd"])),
        SeccompGroup("the kernel itself", kernelItself),
        SeccompGroup("new seccomp listeners", newListener),
        SeccompGroup("terminals", terminals),
        SeccompGroup("what filesystems do by ioctl", filesystems),
        SeccompGroup(
            "messages and memory shared by key",
            fail(
                eperm,
                ["shmget", "shmat", "shmctl", "shmdt", "msgget", "msgsnd", "msgrcv", "msgctl", "semget", "semop", "semtimedop", "semctl"])
                + fail(eperm, ["mq_open", "mq_unlink"])),
        SeccompGroup("TCP that is not plain TCP", plainTCP),
        SeccompGroup("packets that go elsewhere than connect(2) was told", sourceRouting),
    ]

    static func fail(_ errno: Int32, _ names: [String]) -> [SeccompRule] { names.map { SeccompRule(.named($0), .fail(errno: errno)) } }

    /// An int argument: the kernel looks at 32 bits, and so does the filter.
    static func int(_ argument: Int, _ value: UInt64, mask: UInt64 = 0xffff_ffff) -> SeccompCondition {
        .masked(argument: argument, mask: mask, value: value)
    }

    private static let namespaces: [SeccompRule] =
        fail(
            eperm,
            [
                "unshare", "setns", "mount", "umount2", "pivot_root", "chroot", "fsopen", "fsconfig", "fsmount", "fspick", "move_mount",
                "open_tree",
                "mount_setattr",
            ])
        + [SeccompRule(.number(467, name: "open_tree_attr"), .fail(errno: eperm))]
        // CLONE_NEWNS, CGROUP, UTS, IPC, USER, PID, NET
        + [0x0002_0000, 0x0200_0000, 0x0400_0000, 0x0800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000].map { (flag: UInt64) in
            SeccompRule(.named("clone"), .fail(errno: eperm), [int(0, flag, mask: flag)])
        }

    private static let kernelItself = fail(
        eperm,
        [
            "bpf", "perf_event_open", "userfaultfd", "keyctl", "add_key", "request_key", "kexec_load", "kexec_file_load", "init_module",
            "finit_module",
            "delete_module", "reboot", "swapon", "swapoff", "acct", "quotactl", "quotactl_fd", "syslog", "iopl", "ioperm", "settimeofday",
            "clock_settime", "open_by_handle_at", "fanotify_init", "lookup_dcookie", "vhangup", "memfd_secret",
        ])

    /// seccomp(SECCOMP_SET_MODE_FILTER, flags with NEW_LISTENER): a newer filter's notification would win over ours.
    private static let newListener = [
        SeccompRule(.named("seccomp"), .fail(errno: eperm), [int(0, 1), int(1, 8, mask: 8)])
    ]

    /// ioctl TIOCSTI and TIOCLINUX type into a terminal.
    private static let terminals = [UInt64(0x5412), 0x541C].map { SeccompRule(.named("ioctl"), .fail(errno: eperm), [int(1, $0)]) }

    /// Subvolumes, flags, verity, encryption, sealing: changes that a descriptor for reading allows and no hook of Landlock sees. By the type byte of
    /// the request, so that what a filesystem adds is held too: `f` and `v` (ext4 and common), `X` (xfs and common), 0x94 (btrfs, and cloning,
    /// which copies instead), 0xf5 (f2fs), `r` (FAT), `o` (ocfs2), `n` (nilfs2), 0x97 (ceph), 0xbc (bcachefs), 0xcf (cifs).
    ///
    /// The device 0:0 is anybody's to make: RENAME_WHITEOUT (4) leaves it in the old place without the right that Landlock has for devices, and
    /// mknod(2) of it needs that right no longer in kernels of 2026 (seen on 6.1.y, 6.12.118 and 7.3, not on 6.18.15).
    private static let filesystems =
        filesystemTypes.map { type in
            SeccompRule(.named("ioctl"), .fail(errno: enotty), [int(1, type << 8, mask: 0xff00)])
        } + [
            SeccompRule(.number(469, name: "file_setattr"), .fail(errno: eperm)),
            SeccompRule(.named("renameat2"), .fail(errno: eperm), [int(4, 4, mask: 4)]),
        ]
        + [("mknod", 1), ("mknodat", 2)].map { name, argument in
            SeccompRule(.named(name), .fail(errno: eperm), [int(argument, characterDevice, mask: 0xf000)])
        }

    /// S_IFCHR
    private static let characterDevice: UInt64 = 0x2000

    static let filesystemTypes: [UInt64] = [0x66, 0x76, 0x58, 0x94, 0xf5, 0x72, 0x6f, 0x6e, 0x97, 0xbc, 0xcf]

    /// MSG_FASTOPEN connects without the hook that Landlock has; TCP_ULP names code by a string that no filter sees.
    private static let plainTCP: [SeccompRule] =
        [("sendto", 3), ("sendmsg", 2), ("sendmmsg", 3)].map { name, argument in
            SeccompRule(.named(name), .fail(errno: eperm), [int(argument, 0x2000_0000, mask: 0x2000_0000)])
        } + [SeccompRule(.named("setsockopt"), .fail(errno: eperm), [int(1, 6), int(2, 31)])]

    /// A routing header makes the connection's packets leave for another address than the one that was judged, and needs no privilege:
    /// IPV6_RTHDR (57), IPV6_2292RTHDR (5), IPV6_2292PKTOPTIONS (6), IP_OPTIONS (4).
    ///
    /// Joining a group has the kernel send reports that name any group, to routers that no clause speaks of: IP_ADD_MEMBERSHIP (35),
    /// IP_ADD_SOURCE_MEMBERSHIP (39), IP_MSFILTER (41), IPV6_JOIN_GROUP (20), IPV6_JOIN_ANYCAST (27), and for both families MCAST_JOIN_GROUP (42),
    /// MCAST_JOIN_SOURCE_GROUP (46), MCAST_MSFILTER (48).
    private static let sourceRouting: [SeccompRule] =
        ([(41, 57), (41, 5), (41, 6), (0, 4)] + memberships).map { level, option in
            SeccompRule(.named("setsockopt"), .fail(errno: eperm), [int(1, level), int(2, option)])
        }

    private static let memberships: [(UInt64, UInt64)] =
        [35, 39, 41, 42, 46, 48].map { (0, $0) } + [20, 27, 42, 46, 48].map { (41, $0) }
}
