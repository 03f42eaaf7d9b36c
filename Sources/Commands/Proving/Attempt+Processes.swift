import KernelPlan
import Policy

extension Attempt {
    static let processes: [Attempt] = execute + spawn + others + interfaces

    /// What runs in the prober's place marks /dev/null, which every session may write, and ends.
    private static let execute: [Attempt] = [
        Attempt("exec", .execute, "execve(2) of another program", "exec {copy} /dev/null {nonce}", seen: .replaced) { [.execute(path: $0.path("{copy}"))] },
        Attempt("exec-itself", .execute, "execve(2) of the command's own chain", "exec {prober} /dev/null {nonce}", seen: .replaced) { [.execute(path: $0.path("{prober}"))] },
        Attempt("exec-descriptor", .execute, "execveat(2) of a descriptor", "exec-descriptor {copy} /dev/null {nonce}", seen: .replaced) { [.execute(path: $0.path("{copy}"))] },
        Attempt("exec-memory", .execute, "a program in memory", "exec-memory {prober} /dev/null {nonce}", seen: .replaced) { _ in [.executeMemory] },
        Attempt("exec-loader", .execute, "the loader, with a program", "exec-loader {loader} {program} x", seen: .replaced, onlyForbidden: true) { [.execute(path: $0.path("{loader}"))] },
        Attempt("spawn", .execute, "a child that executes another program", "spawn {copy} /dev/null {nonce}", seen: .answer) { [.makeProcess, .execute(path: $0.path("{copy}"))] },
        Attempt("spawn-itself", .execute, "a child that executes the command's chain", "spawn {prober} /dev/null {nonce}", seen: .answer) { [.makeProcess, .execute(path: $0.path("{prober}"))] },
    ]

    private static let spawn: [Attempt] = [
        Attempt("fork", .spawn, "fork(2)", "fork /dev/null {nonce}", seen: .answer) { _ in [.makeProcess] },
        Attempt("clone", .spawn, "clone(2)", "clone /dev/null {nonce}", seen: .answer) { _ in [.makeProcess] },
        Attempt("clone3", .spawn, "clone3(2)", "clone3 /dev/null {nonce}", seen: .answer) { _ in [.forbidden(call: "clone3")] },
        Attempt("thread", .spawn, "a thread", "thread", seen: .answer) { _ in [.makeThread] },
    ]

    private static let others: [Attempt] = [
        Attempt("signal", .user, "kill(2) of a process outside", "signal {victim}", seen: .killed) { _ in [.signalOutside] },
        Attempt("signal-descriptor", .user, "pidfd_send_signal(2)", "signal-descriptor {victim}", seen: .killed) { _ in [.signalOutside] },
        Attempt("trace", .user, "ptrace(2) of a process outside", "trace {victim}", seen: .answer) { _ in [.signalOutside] },
        Attempt("read-memory", .user, "process_vm_readv(2)", "read-memory {victim} {victim-memory}", seen: .said("{secret}")) { _ in [.forbidden(call: "process_vm_readv")] },
        Attempt("take-descriptor", .user, "pidfd_getfd(2)", "take-descriptor {victim} 1", seen: .answer) { _ in [.forbidden(call: "pidfd_getfd")] },
        Attempt("read-environment", .user, "/proc/PID/environ", "read-environment {victim}", seen: .said("{secret}")) { [$0.file(.read, "/proc/{victim}/environ")] },
    ]

    /// Before any other act.
    static let beginning: [Attempt] = [
        Attempt("credentials", .user, "uid 0, capabilities, privilege to gain", "credentials", seen: .privileges) { _ in [] },
        Attempt("own-environment", .environment, "a variable that is not passed", "own-environment", seen: .environment) { _ in [] },
        Attempt("descriptors", .environment, "an inherited descriptor", "descriptors", seen: .descriptors) { _ in [] },
    ]

    private static let interfaces: [Attempt] = [
        Attempt("uring", .baseline, "io_uring_setup(2)", "uring", seen: .answer) { _ in [.forbidden(call: "io_uring_setup")] },
        Attempt("user-namespace", .baseline, "a user namespace", "user-namespace", seen: .answer) { _ in [.makeNamespace(flag: 0x1000_0000)] },
        Attempt("network-namespace", .baseline, "a network namespace", "network-namespace", seen: .answer) { _ in [.makeNamespace(flag: 0x4000_0000)] },
        Attempt("clone-namespace", .baseline, "clone(2) into a user namespace", "clone-namespace /dev/null {nonce}", seen: .answer) { _ in [.makeNamespace(flag: 0x1000_0000)] },
        Attempt("event-counter", .baseline, "perf_event_open(2)", "event-counter", seen: .answer) { _ in [.forbidden(call: "perf_event_open")] },
        Attempt("fault-handler", .baseline, "userfaultfd(2)", "fault-handler", seen: .answer) { _ in [.forbidden(call: "userfaultfd")] },
        Attempt("keyring", .baseline, "add_key(2)", "keyring", seen: .answer) { _ in [.forbidden(call: "add_key")] },
        Attempt("filter-listener", .baseline, "a seccomp listener of its own", "filter-listener", seen: .answer) { _ in [.newListener] },
        Attempt("socket-netlink", .baseline, "a netlink socket", "socket-netlink", seen: .answer) { _ in [.socket(family: 16, type: 3, protocol: 0)] },
        Attempt("socket-netlink-high-bit", .baseline, "the same, a high bit set", "socket-netlink-high-bit", seen: .answer) { _ in [.socket(family: 0x1_0000_0010, type: 3, protocol: 0)] },
        Attempt("socket-vsock", .baseline, "a vsock socket", "socket-vsock", seen: .answer) { _ in [.socket(family: 40, type: 1, protocol: 0)] },
    ]
}
