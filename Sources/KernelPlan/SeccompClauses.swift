/// The rules that hold a policy's clauses where the baseline leaves room.
enum SeccompClauses {
    private static let eperm = SeccompBaseline.eperm

    /// Which sockets can be made, beside connected pairs.
    ///
    /// A datagram socketpair is left out: one of the pair can be bound, connected and sent to any path.
    static func sockets(udp: Bool, unix: Bool) -> SeccompGroup {
        switch (udp, unix) {
        case (false, false): socketsTCP
        case (true, false): socketsTCPAndUDP
        case (false, true): socketsTCPAndUnix
        case (true, true): socketsAll
        }
    }

    private static let socketsTCP = SeccompGroup("sockets: TCP only", families(unix: false) + kinds(udp: false, unix: false) + pairs)
    private static let socketsTCPAndUDP = SeccompGroup(
        "sockets: TCP and UDP", families(unix: false) + kinds(udp: true, unix: false) + pairs)
    private static let socketsTCPAndUnix = SeccompGroup(
        "sockets: TCP and unix", families(unix: true) + kinds(udp: false, unix: true) + pairs)
    private static let socketsAll = SeccompGroup("sockets: TCP, UDP and unix", families(unix: true) + kinds(udp: true, unix: true) + pairs)

    /// What an ICMP error quotes comes to a UDP socket's error queue past the programs, from whoever knows its port. Reading that queue is
    /// MSG_ERRQUEUE (0x2000); IP_RECVERR itself stays, since resolvers set it to be told of a dead server at once.
    static let errorQueueNone = SeccompGroup(
        "datagrams from the list only",
        [("recvfrom", 3), ("recvmsg", 2), ("recvmmsg", 3)].map { name, argument in
            SeccompRule(.named(name), .fail(errno: eperm), [SeccompBaseline.int(argument, 0x2000, mask: 0x2000)])
        })

    /// No socket at all.
    static let socketsNone = SeccompGroup("sockets: none", SeccompBaseline.fail(eperm, ["socket", "connect"]) + pairs)

    /// Without a connection, and without Fast Open, which the baseline forbids, a TCP socket reaches nobody.
    static let egressNone = SeccompGroup("egress: none", SeccompBaseline.fail(eperm, ["connect"]))

    /// A unix socket that passes credentials (SO_PASSCRED 16, SO_PASSPIDFD 76) is given a name when it sends, and could be sent to.
    static let unixNameless = SeccompGroup(
        "egress.unix: no names of its own",
        [UInt64(16), 76].map { option in
            SeccompRule(.named("setsockopt"), .fail(errno: eperm), [SeccompBaseline.int(1, 1), SeccompBaseline.int(2, option)])
        })

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
            + [(452, "fchmodat2"), (463, "setxattrat"), (466, "removexattrat")].map {
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

    /// Below ABI 3 nothing but the flags of open(2) tells that a readable file is cut off; openat2(2) hides them, and is denied below ABI 5.
    /// What is cut off by its name is hidden as well, so that truncate(2) is denied everywhere; what is open for writing can be cut off.
    static let truncateNone = SeccompGroup(
        "truncation without Landlock's right",
        SeccompBaseline.fail(eperm, ["truncate"])
            + [("open", 1), ("openat", 2)].map { name, argument in
                // O_ACCMODE | O_TRUNC == O_RDONLY | O_TRUNC
                SeccompRule(.named(name), .fail(errno: eperm), [SeccompBaseline.int(argument, 0o1000, mask: 0o1003)])
            })

    /// Below ABI 5 Landlock asks for no right when a file is opened for neither reading nor writing (O_ACCMODE), and what is open can be
    /// controlled, or cut off with O_TRUNC. Of the floor's devices only the random ones know requests, which begin with `R`.
    static let devicesNone = SeccompGroup(
        "devices without Landlock's right",
        [SeccompRule(.named("ioctl"), .fail(errno: SeccompBaseline.eacces), [SeccompBaseline.int(1, 0x5200, mask: 0xff00)])]
            + SeccompBaseline.fail(SeccompBaseline.enosys, ["openat2"])
            + [("open", 1), ("openat", 2)].map { name, argument in
                SeccompRule(.named(name), .fail(errno: SeccompBaseline.eacces), [SeccompBaseline.int(argument, 3, mask: 3)])
            })

    /// A session that shares its uid with others must not set their limits and priorities. To PRIO_USER (2) and IOPRIO_WHO_USER (3) zero is no
    /// process of one's own, but all of the user's.
    static let ownProcessOnly = SeccompGroup(
        "limits and priorities of others",
        [
            ("prlimit64", 0), ("sched_setscheduler", 0), ("sched_setparam", 0), ("sched_setattr", 0), ("sched_setaffinity", 0),
            ("setpriority", 1),
            ("ioprio_set", 1), ("migrate_pages", 0), ("move_pages", 0),
        ].map { name, argument in
            SeccompRule(.named(name), .fail(errno: eperm), [.differs(argument: argument, value: 0)])
        }
            + [("setpriority", UInt64(2)), ("ioprio_set", 3)].map { name, who in
                SeccompRule(.named(name), .fail(errno: eperm), [SeccompBaseline.int(0, who)])
            })

    // MARK: Parts

    /// Families 0 to 63 by number and the bits above them, but for AF_INET (2), AF_INET6 (10) and where it is granted AF_UNIX (1).
    private static func families(unix: Bool) -> [SeccompRule] {
        let kept: [UInt64] = unix ? [1, 2, 10] : [2, 10]
        var rules: [SeccompRule] = []
        for family in UInt64(0)..<64 where !kept.contains(family) {
            // AF_UNIX exists, and programs should not take it for missing.
            let errno = family == 1 ? eperm : SeccompBaseline.afNotSupported
            rules.append(SeccompRule(.named("socket"), .fail(errno: errno), [SeccompBaseline.int(0, family)]))
        }
        return rules + highBits(0, from: 6, errno: SeccompBaseline.afNotSupported, [])
    }

    /// Types and protocols of IPv4 and IPv6. Where other families may be made, too, each rule names its family.
    private static func kinds(udp: Bool, unix: Bool) -> [SeccompRule] {
        let families: [[SeccompCondition]] = unix ? [[SeccompBaseline.int(0, 2)], [SeccompBaseline.int(0, 10)]] : [[]]
        return families.flatMap { types(udp: udp, $0) + protocols(udp: udp, $0) }
    }

    /// SOCK_TYPE_MASK is 0xf; SOCK_STREAM is 1, SOCK_DGRAM 2.
    private static func types(udp: Bool, _ family: [SeccompCondition]) -> [SeccompRule] {
        (UInt64(0)...15).filter { $0 != 1 && !(udp && $0 == 2) }.map {
            SeccompRule(.named("socket"), .fail(errno: eperm), family + [SeccompBaseline.int(1, $0, mask: 0xf)])
        }
    }

    /// 0 and IPPROTO_TCP (6) for streams, 0 and IPPROTO_UDP (17) for datagrams.
    private static func protocols(udp: Bool, _ family: [SeccompCondition]) -> [SeccompRule] {
        let kept: [UInt64] = udp ? [0, 6, 17] : [0, 6]
        let last: UInt64 = udp ? 31 : 7
        var rules: [SeccompRule] = []
        for number in 0...last where !kept.contains(number) {
            rules.append(SeccompRule(.named("socket"), .fail(errno: eperm), family + [SeccompBaseline.int(2, number)]))
        }
        rules += highBits(2, from: udp ? 5 : 3, errno: eperm, family)
        guard udp else { return rules }
        // UDP's protocol for a stream, and TCP's for datagrams.
        for (type, number) in [(UInt64(1), UInt64(17)), (2, 6)] {
            let conditions = [SeccompBaseline.int(1, type, mask: 0xf), SeccompBaseline.int(2, number)]
            rules.append(SeccompRule(.named("socket"), .fail(errno: eperm), family + conditions))
        }
        return rules
    }

    /// SOCK_STREAM (1) and SOCK_SEQPACKET (5) pairs are connected for good.
    private static let pairs = (UInt64(0)...15).filter { $0 != 1 && $0 != 5 }.map {
        SeccompRule(.named("socketpair"), .fail(errno: eperm), [SeccompBaseline.int(1, $0, mask: 0xf)])
    }

    private static func highBits(_ argument: Int, from bit: Int, errno: Int32, _ family: [SeccompCondition]) -> [SeccompRule] {
        (bit..<32).map {
            SeccompRule(
                .named("socket"), .fail(errno: errno), family + [SeccompBaseline.int(argument, 1 << UInt64($0), mask: 1 << UInt64($0))])
        }
    }
}

extension SeccompPlan {
    /// What confines a name proxy: sockets of TCP and UDP that are never bound, no processes, no files of its own making, and its spool only grows.
    public static let proxy = SeccompPlan(
        groups: SeccompBaseline.groups + [
            SeccompClauses.sockets(udp: true, unix: false), SeccompClauses.ingressNone, SeccompClauses.metadataNone,
            SeccompClauses.spawnNone,
            SeccompClauses.executeOnce,
            SeccompGroup("the spool only grows", SeccompBaseline.fail(SeccompBaseline.eperm, ["truncate", "ftruncate", "fallocate"])),
        ])

    /// What confines the gate itself: no sockets, no processes, no files of its own making, and its spool only grows.
    public static let gate = SeccompPlan(
        groups: SeccompBaseline.groups + [
            SeccompClauses.socketsNone, SeccompClauses.ingressNone, SeccompClauses.metadataNone, SeccompClauses.spawnNone,
            SeccompClauses.executeOnce,
            SeccompGroup("the spool only grows", SeccompBaseline.fail(SeccompBaseline.eperm, ["truncate", "ftruncate", "fallocate"])),
        ])
}
