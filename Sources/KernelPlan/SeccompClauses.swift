/// The rules that hold a policy's clauses where the baseline leaves room.
enum SeccompClauses {
    private static let eperm = SeccompBaseline.eperm

    /// Sockets of IPv4 and IPv6 that are TCP, and nothing else; `socketpair` of connected kinds stays.
    ///
    /// A datagram socketpair is left out: one of the pair can be bound, connected and sent to any path.
    static let socketsTCPOnly = SeccompGroup("sockets: TCP only", families + types + protocols + pairs)

    /// No socket at all.
    static let socketsNone = SeccompGroup("sockets: none", SeccompBaseline.fail(eperm, ["socket", "connect"]) + pairs)

    static let ingressNone = SeccompGroup("ingress.tcp: none", SeccompBaseline.fail(eperm, ["bind", "listen"]))

    static let metadataNone = SeccompGroup(
        "files.metadata: none",
        SeccompBaseline.fail(
            eperm,
            [
                "chmod", "fchmod", "fchmodat", "chown", "fchown", "lchown", "fchownat", "utime", "utimes", "utimensat", "futimesat",
                "setxattr",
                "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr",
            ])
            + [(452, "fchmodat2"), (463, "setxattrat"), (466, "removexattrat"), (469, "file_setattr")].map {
                SeccompRule(.number($0.0, name: $0.1), .fail(errno: eperm))
            })

    /// Threads only: a clone without CLONE_THREAD is a process.
    static let spawnNone = SeccompGroup(
        "processes.spawn: none",
        SeccompBaseline.fail(eperm, ["fork", "vfork"])
            + [SeccompRule(.named("clone"), .fail(errno: eperm), [SeccompBaseline.int(0, 0, mask: 0x0001_0000)])])

    static let executeOnce = SeccompGroup(
        "files.execute: none", ["execve", "execveat"].map { SeccompRule(.named($0), .notify) })

    /// A file in memory has no place that a list could name.
    static let executeList = SeccompGroup("files.execute: a list", SeccompBaseline.fail(eperm, ["memfd_create"]))

    /// Below ABI 3 nothing but the flags of open(2) tells that a readable file is cut off.
    static let truncateNone = SeccompGroup(
        "truncation without Landlock's right",
        SeccompBaseline.fail(eperm, ["truncate"]) + SeccompBaseline.fail(SeccompBaseline.enosys, ["openat2"])
            + [("open", 1), ("openat", 2)].map { name, argument in
                // O_ACCMODE | O_TRUNC == O_RDONLY | O_TRUNC
                SeccompRule(.named(name), .fail(errno: eperm), [SeccompBaseline.int(argument, 0o1000, mask: 0o1003)])
            })

    /// A session that shares its uid with others must not set their limits and priorities.
    static let ownProcessOnly = SeccompGroup(
        "limits and priorities of others",
        [
            ("prlimit64", 0), ("sched_setscheduler", 0), ("sched_setparam", 0), ("sched_setattr", 0), ("sched_setaffinity", 0),
            ("setpriority", 1),
            ("ioprio_set", 1), ("migrate_pages", 0), ("move_pages", 0),
        ].map { name, argument in
            SeccompRule(.named(name), .fail(errno: eperm), [.differs(argument: argument, value: 0)])
        })

    // MARK: Parts

    /// Families 0 to 63 by number and the bits above them, but for AF_INET (2) and AF_INET6 (10).
    private static let families =
        (0..<64).filter { $0 != 2 && $0 != 10 }.map {
            // AF_UNIX (1) exists, and programs should not take it for missing.
            SeccompRule(
                .named("socket"), .fail(errno: $0 == 1 ? eperm : SeccompBaseline.afNotSupported), [SeccompBaseline.int(0, UInt64($0))])
        }
        + highBits(of: "socket", argument: 0, from: 6, errno: SeccompBaseline.afNotSupported)

    /// SOCK_TYPE_MASK is 0xf; SOCK_STREAM is 1.
    private static let types = (UInt64(0)...15).filter { $0 != 1 }.map {
        SeccompRule(.named("socket"), .fail(errno: eperm), [SeccompBaseline.int(1, $0, mask: 0xf)])
    }

    /// 0 and IPPROTO_TCP (6).
    private static let protocols =
        (UInt64(0)...7).filter { $0 != 0 && $0 != 6 }.map {
            SeccompRule(.named("socket"), .fail(errno: eperm), [SeccompBaseline.int(2, $0)])
        } + highBits(of: "socket", argument: 2, from: 3, errno: eperm)

    /// SOCK_STREAM (1) and SOCK_SEQPACKET (5) pairs are connected for good.
    private static let pairs = (UInt64(0)...15).filter { $0 != 1 && $0 != 5 }.map {
        SeccompRule(.named("socketpair"), .fail(errno: eperm), [SeccompBaseline.int(1, $0, mask: 0xf)])
    }

    private static func highBits(of name: String, argument: Int, from bit: Int, errno: Int32) -> [SeccompRule] {
        (bit..<32).map {
            SeccompRule(.named(name), .fail(errno: errno), [SeccompBaseline.int(argument, 1 << UInt64($0), mask: 1 << UInt64($0))])
        }
    }
}

extension SeccompPlan {
    /// What confines the gate itself: no sockets, no processes, no files of its own making, and its spool only grows.
    public static let gate = SeccompPlan(
        groups: SeccompBaseline.groups + [
            SeccompClauses.socketsNone, SeccompClauses.ingressNone, SeccompClauses.metadataNone, SeccompClauses.spawnNone,
            SeccompClauses.executeOnce,
            SeccompGroup("the spool only grows", SeccompBaseline.fail(SeccompBaseline.eperm, ["truncate", "ftruncate", "fallocate"])),
        ])
}
