import KernelPlan

extension Attempt {
    static let processes: [Attempt] = execute + spawn + others

    // MARK: What a session is born with

    /// Before any other act.
    static let beginning: [Attempt] = [
        Attempt("credentials", .user, "uid 0, capabilities, privilege to gain", "", seen: .privileges, []),
        Attempt("own-environment", .environment, "a variable that is not passed", "", seen: .environment, []),
        Attempt("descriptors", .environment, "an inherited descriptor", "", seen: .descriptors, []),
    ]

    // MARK: Executing

    /// What runs in the prober's place marks /dev/null, which every session may write, and ends.
    private static func exec(_ id: String, _ what: String, _ program: String, _ asks: [Ask] = [], as act: String? = nil) -> Attempt {
        let words = "=\(act ?? id) \(program) /dev/null {nonce}"
        return Attempt(id, .execute, what, words, seen: .replaced, asks + [.execute(program)])
    }

    private static let execute: [Attempt] = [
        exec("exec", "execve(2) of another program", "{copy}"),
        exec("exec-chain", "execve(2) of the command's own chain", "{prober}", as: "exec"),
        exec("exec-itself", "execve(2) of /proc/self/exe", "{prober}"),
        exec("exec-descriptor", "execveat(2) of a descriptor", "{copy}"),
        exec("exec-high-bit", "execveat(2), a high bit in its flags", "{copy}"),
        exec("exec-thread", "execve(2) from a new thread", "{copy}"),
        exec("exec-answered", "execve(2) that it answers itself, by a listener", "{copy}", [.newListener]),
        exec("exec-memory", "a program in memory", "{prober}", [.executeMemory]),
        exec("exec-memory-path", "a program in memory, by its path in /proc", "{prober}", [.executeMemory]),
        Attempt(
            "exec-loader", .execute, "the loader, with a program", "{loader} {program} x", seen: .replaced, [.execute("{loader}")],
            onlyForbidden: true),
        child("spawn", "a child that executes another program", "=spawn {copy}", [.process, .execute("{copy}")]),
        child("spawn-chain", "a child that executes the command's chain", "=spawn {prober}", [.process, .execute("{prober}")]),
        child("spawn-shared", "posix_spawn(3) of another program", "=spawn-shared {copy}", [.process, .execute("{copy}")]),
    ]

    private static func child(_ id: String, _ what: String, _ words: String, _ asks: [Ask]) -> Attempt {
        Attempt(id, .execute, what, "\(words) /dev/null {nonce}", seen: .answer, asks)
    }

    // MARK: Processes of its own

    private static func fork(_ id: String, _ what: String, _ asks: [Ask] = [.process]) -> Attempt {
        Attempt(id, .spawn, what, "/dev/null {nonce}", seen: .answer, asks)
    }

    private static let spawn: [Attempt] = [
        fork("fork", "fork(2)"), fork("vfork", "vfork(2)"), fork("clone", "clone(2)"),
        fork("clone-high-bit", "clone(2), a high bit in its flags"),
        fork("clone-thread-high-bit", "clone(2), a thread's bit in the upper half"),
        fork("clone-files", "clone(2), sharing open files"),
        fork("clone-untraced", "clone(2), so that nobody traces the child"),
        fork("clone3", "clone3(2)", [.forbidden("clone3")]),
        fork("fork-int80", "fork by the 32-bit entry", [.forbidden("int 0x80")]),
        fork("fork-x32", "fork by the x32 entry", [.forbidden("x32")]),
        Attempt("thread", .spawn, "a thread", "", seen: .answer, [.thread]),
    ]

    // MARK: Processes outside

    private static func signal(_ id: String, _ what: String) -> Attempt {
        Attempt(id, .user, what, "{victim}", seen: .killed, [.signal])
    }

    private static func reach(_ id: String, _ what: String, _ asks: [Ask], _ words: String = "{victim}") -> Attempt {
        Attempt(id, .user, what, words, seen: .answer, asks)
    }

    private static func spy(_ id: String, _ what: String, _ words: String, _ asks: [Ask]) -> Attempt {
        Attempt(id, .user, what, words, seen: .said("{secret}"), asks)
    }

    private static let others: [Attempt] = [
        signal("signal", "kill(2) of a process outside"),
        signal("signal-thread", "tgkill(2)"),
        signal("signal-old", "tkill(2)"),
        signal("signal-group", "kill(2) of its process group"),
        signal("signal-high-bit", "kill(2), a high bit in the pid"),
        signal("signal-queued", "sigqueue(3)"),
        signal("signal-descriptor", "pidfd_send_signal(2)"),
        signal("signal-owner", "a pipe whose owner it becomes"),
        reach("trace", "ptrace(2), PTRACE_SEIZE", [.forbidden("ptrace")]),
        reach("trace-old", "ptrace(2), PTRACE_ATTACH", [.forbidden("ptrace")]),
        spy("read-memory", "process_vm_readv(2)", "{victim} {victim-memory}", [.forbidden("process_vm_readv")]),
        reach("write-memory", "process_vm_writev(2)", [.forbidden("process_vm_writev")], "{victim} {victim-memory}"),
        spy("read-memory-file", "/proc/PID/mem", "{victim} {victim-memory}", [.file(.read, "/proc/{victim}/mem")]),
        reach("write-memory-file", "/proc/PID/mem, writing", [.file(.write, "/proc/{victim}/mem")], "{victim} {victim-memory}"),
        spy("read-environment", "/proc/PID/environ", "{victim}", [.file(.read, "/proc/{victim}/environ")]),
        reach("read-command", "/proc/PID/cmdline", [.file(.read, "/proc/{victim}/cmdline")]),
        reach("read-map", "/proc/PID/maps", [.file(.read, "/proc/{victim}/maps")]),
        spy("read-through-root", "a file by /proc/PID/root", "{victim} {outside}/note", [.file(.read, "{outside}/note")]),
        reach("take-descriptor", "pidfd_getfd(2)", [.forbidden("pidfd_getfd")], "{victim} 1"),
        reach("open-descriptor", "/proc/PID/fd", [.file(.read, "/proc/{victim}/fd/2")], "{victim} 2"),
        reach("compare-descriptors", "kcmp(2)", [.forbidden("kcmp")]),
        reach("limit-other", "prlimit(2)", [.adjust]),
        reach("limit-other-high-bit", "prlimit(2), a high bit in the pid", [.adjust]),
        reach("schedule-other", "sched_setscheduler(2)", [.adjust]),
        reach("schedule-other-high-bit", "the same, a high bit in the pid", [.adjust]),
        reach("schedule-other-newer", "sched_setattr(2)", [.adjust]),
        reach("schedule-other-parameters", "sched_setparam(2)", [.adjust]),
        reach("place-other", "sched_setaffinity(2)", [.adjust]),
        reach("slow-other", "setpriority(2)", [.adjust]),
        reach("slow-group", "setpriority(2) of its group", [.adjust]),
        reach("slow-input-other", "ioprio_set(2)", [.adjust]),
        reach("advise-other", "process_madvise(2)", [.forbidden("process_madvise")], "{victim} {victim-memory}"),
    ]
}
