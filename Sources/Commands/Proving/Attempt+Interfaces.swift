import KernelPlan

extension Attempt {
    /// What the kernel itself offers, and no policy permits. What root alone could do unconfined is no attempt here: it would have no control.
    static let interfaces: [Attempt] = kernel + families + namespaces

    private static func call(_ id: String, _ what: String, _ asks: [Ask], _ words: String = "") -> Attempt {
        Attempt(id, .baseline, what, words, seen: .answer, asks)
    }

    /// What can be done with it is more than to open it, so that a grant is no promise that all of the act succeeds.
    private static func device(_ id: String, _ what: String, _ path: String) -> Attempt {
        Attempt(id, .baseline, what, "", seen: .answer, [.file(.read, path), .file(.write, path)], onlyForbidden: true)
    }

    private static let kernel: [Attempt] = [
        call("uring", "io_uring_setup(2)", [.forbidden("io_uring_setup")]),
        call("event-counter", "perf_event_open(2)", [.forbidden("perf_event_open")]),
        call("fault-handler", "userfaultfd(2)", [.forbidden("userfaultfd")]),
        device("fault-handler-device", "userfaultfd by its device", "/dev/userfaultfd"),
        call("keyring", "add_key(2)", [.forbidden("add_key")]),
        call("keyring-session", "keyctl(2), a session keyring", [.forbidden("keyctl")]),
        call("keyring-find", "keyctl(2), its user's keyring", [.forbidden("keyctl")]),
        call("keyring-find-high-bit", "the same, a high bit in the operation", [.forbidden("keyctl")]),
        call("bpf-map", "bpf(2), a map", [.forbidden("bpf")]),
        call("bpf-map-high-bit", "the same, a high bit in the command", [.forbidden("bpf")]),
        call("watch-named", "fanotify_init(2)", [.forbidden("fanotify_init")]),
        call("secret-memory", "memfd_secret(2)", [.forbidden("memfd_secret")]),
        call("kernel-log", "syslog(2)", [.forbidden("syslog")]),
        call("shared-memory", "shmget(2)", [.forbidden("shmget")]),
        call("message-queue", "msgget(2)", [.forbidden("msgget")]),
        call("semaphore", "semget(2)", [.forbidden("semget")]),
        call("named-queue", "mq_open(2)", [.forbidden("mq_open")]),
        call("filter-listener", "a seccomp listener of its own", [.newListener]),
        call("filter-listener-high-bit", "the same, a high bit in the flags", [.newListener]),
        call("filter-listener-flags", "the same, another flag set", [.newListener]),
        call("type-nowhere", "ioctl(2), TIOCSTI", [.ioctl(0x5412)]),
        call("paste-console", "ioctl(2), TIOCLINUX", [.ioctl(0x541C)]),
        call("paste-console-high-bit", "the same, a high bit in the request", [.ioctl(0x1_0000_541C)]),
        device("new-terminal", "a terminal of its own", "/dev/ptmx"),
    ]

    private static let namespaces: [Attempt] = [
        call("user-namespace", "unshare(2), a user namespace", [.namespace(0x1000_0000)]),
        call("network-namespace", "unshare(2), a network namespace", [.namespace(0x4000_0000)]),
        call("clone-namespace", "clone(2), a user namespace", [.namespace(0x1000_0000)], "/dev/null {nonce}"),
        call("clone-namespace-high-bit", "the same, a high bit in its flags", [.namespace(0x1000_0000)], "/dev/null {nonce}"),
        call("clone-network", "clone(2), a network namespace", [.namespace(0x4000_0000)], "/dev/null {nonce}"),
        call("clone-mounts", "clone(2), a mount namespace", [.namespace(0x0002_0000)], "/dev/null {nonce}"),
        call("clone3-namespace", "clone3(2), a user namespace", [.forbidden("clone3")], "/dev/null {nonce}"),
        call("unshare-files", "unshare(2) of open files", [.forbidden("unshare")]),
    ]

    private static func socket(_ id: String, _ what: String, _ family: UInt64, _ type: UInt64, _ proto: UInt64 = 0) -> Attempt {
        call(id, what, [.family(family, type, proto)])
    }

    private static let families: [Attempt] = [
        socket("socket-netlink", "a netlink socket", 16, 3),
        socket("socket-netlink-high-bit", "the same, a high bit in the family", 0x1_0000_0010, 3),
        socket("socket-netlink-datagram", "a netlink socket of datagrams", 16, 2, 16),
        socket("socket-uevents", "events of devices", 16, 2, 15),
        socket("socket-diagnosis", "everybody's sockets", 16, 2, 4),
        socket("netlink-links", "the network's interfaces", 16, 3),
        socket("socket-algorithm", "the kernel's ciphers (AF_ALG)", 38, 5),
        socket("socket-algorithm-high-bit", "the same, a high bit in the family", 0x1_0000_0026, 5),
        socket("socket-vsock", "a vsock socket", 40, 1),
        socket("socket-vsock-datagram", "a vsock socket of datagrams", 40, 2),
        socket("socket-bluetooth", "a Bluetooth socket", 31, 3, 1),
        socket("socket-can", "a CAN socket", 29, 3, 1),
        socket("socket-tipc", "a TIPC socket", 30, 5),
        socket("socket-rds", "an RDS socket", 21, 5),
        socket("socket-qipcrtr", "a QIPCRTR socket", 42, 2),
    ]
}
