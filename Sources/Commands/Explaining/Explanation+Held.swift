import KernelPlan
import Policy

/// Which mechanism holds a clause, and why that one.
extension Explanation {
    /// What the compiler chose, where it says so; else `words`.
    func holders(_ clause: String, else words: String) -> String {
        guard let choice = plan.choices.first(where: { $0.clause.utf8.elementsEqual(clause.utf8) }) else { return words }
        return Self.list(choice.mechanisms.map(MechanismWords.words)) + MechanismWords.because(choice)
    }
}

/// Mechanisms in words.
enum MechanismWords {
    static func words(_ mechanism: Mechanism) -> String {
        switch mechanism {
        case .landlockFiles: "Landlock"
        case .landlockTCP: "Landlock (TCP by port)"
        case .landlockScopes: "Landlock's scopes"
        case .landlockUnix: "Landlock (unix sockets by path)"
        case .landlockUDP: "Landlock (UDP by port)"
        case .seccomp: "seccomp"
        case .seccompNotification: "seccomp: one execve is let through at launch, and its listener is closed"
        case .cgroup: "the session's own cgroup"
        case .delegatedCgroup: "a cgroup that the user's service manager gave away"
        case .connectHooks: "programs at connect4 and connect6 (by address and port)"
        case .sendHooks: "programs at sendmsg4 and sendmsg6 (by address and port)"
        case .bindHooks: "programs at bind4 and bind6"
        case .ingressFilter: "a filter of what comes in"
        case .unixHooks: "programs on the session's unix sockets"
        case .executeHook: "a program of the session's own where the kernel executes files"
        case .bpfLSM: "programs of the session's own at the kernel's security hooks"
        case .pins: "pinned links"
        case .userNamespace: "a user namespace"
        case .mountNamespace: "a mount namespace of the session's own"
        case .privateProc: "a /proc of the session's own"
        case .idmappedMounts: "a mount that shows the caller's files as the session's own"
        case .networkNamespace: "an empty network namespace"
        case .tasksController: "the pids controller of the server's cgroup"
        case .memoryController: "the memory controller of the server's cgroup, nothing swapped"
        case .cpuController: "the cpu controller of the server's cgroup"
        case .auditLog: "the kernel's audit log"
        case .durableState: "the disk below sandboxd's state directory"
        }
    }

    /// Said only where there was something to choose.
    static func because(_ choice: Choice) -> String {
        let others =
            choice.others.isEmpty
            ? "" : "; \(Explanation.list(choice.others.map { $0.map(words).joined(separator: " with ") })) would do as well"
        return switch choice.because {
        case .onlyExact: ""
        case .onlyHere: " (the one way that works on this host)"
        case .noPrivilege: " (needs no privilege\(others))"
        case .fewest: others.isEmpty ? "" : " (needs the fewest mechanisms\(others))"
        case .directories: " (alone: what would hold it once more knows files, and directories are granted)"
        case .already: " (in use for another clause already\(others))"
        }
    }
}
