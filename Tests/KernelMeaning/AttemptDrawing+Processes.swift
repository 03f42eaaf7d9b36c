import KernelPlan
import Policy

extension AttemptDrawing {
    private static let namespaces: [UInt64] = [
        0x0002_0000, 0x0200_0000, 0x0400_0000, 0x0800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000,
    ]

    mutating func process() -> Attempt {
        let nonce = [Attempt.nonce]
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: return Attempt(takes: [.makeThread], act: "thread", words: nonce, truth: .told)
        case 1: return Attempt(takes: [.forbidden(call: "clone3")], act: "clone3", words: nonce, truth: .told)
        case 2:
            let flag = one(Self.namespaces)
            return Attempt(
                takes: [.makeProcess, .makeNamespace(flag: flag), .makeNamespace(flag: 0x1000_0000)], act: "namespace",
                words: [String(flag)] + nonce, truth: .told)
        default: return Attempt(takes: [.makeProcess], act: one(["fork", "vfork", "clone"]), words: nonce, truth: .told)
        }
    }

    mutating func unsharing() -> Attempt {
        // A PID namespace is for children, and time is left out by unshare(2).
        let flag = one(Self.namespaces.filter { $0 != 0x2000_0000 })
        return Attempt(
            takes: [.makeNamespace(flag: flag), .makeNamespace(flag: 0x1000_0000)], act: "unshare", words: [String(flag)], truth: .claimed,
            isLast: true)
    }

    // MARK: Executing

    private mutating func executed() -> (words: [String], takes: [Attempt.Act]) {
        // A copy in memory is at no path at all.
        if chance(15) {
            return (["memory", stage.program, Attempt.nonce], [.file(.read, path: stage.program), .executeMemory])
        }
        let granted = executable.map(\.found).filter { $0.kind == .file }.map(\.resolved)
        let path = !granted.isEmpty && chance(50) ? one(granted) : chance(15) ? stage.program : stage.tree.path(one(Tree.programs))
        return ([one(["direct", "direct", "open"]), path, Attempt.nonce], [.execute(path: path)])
    }

    mutating func execution() -> Attempt {
        let (words, takes) = executed()
        return Attempt(takes: [.makeProcess] + takes, act: "execute", words: words, truth: .told)
    }

    mutating func executionHere() -> Attempt {
        let (words, takes) = executed()
        return Attempt(takes: takes, act: "execute-here", words: words, truth: .told, isLast: true)
    }

    // MARK: Others

    mutating func signal() -> Attempt {
        signals += 1
        let way = one(["kill", "tgkill", "queue", "pidfd", "descriptor"])
        let takes: [Attempt.Act] = way == "descriptor" ? [.signalOutside, .socketPair(type: 1)] : [.signalOutside]
        return Attempt(takes: takes, act: "signal", words: [way, Attempt.outsider, Attempt.signal], truth: .signalled)
    }

    mutating func call() -> Attempt {
        if hasNeighbours, chance(25) {
            let how = one(["limit", "scheduler", "priority"])
            return Attempt(takes: [.adjustOutside], act: "adjust", words: [how, Attempt.outsider], truth: .claimed)
        }
        if chance(10) { return Attempt(takes: [.makeProcess, .newListener], act: "listener", words: [Attempt.nonce], truth: .told) }
        // Whoever is traced cannot be traced again.
        if !hasTraced, chance(10) {
            hasTraced = true
            return Attempt(
                takes: [.forbidden(call: "ptrace")], act: "call", words: ["ptrace", Attempt.outsider], truth: .claimed)
        }
        let name = one([
            "io_uring_setup", "process_vm_readv", "process_vm_writev", "kcmp", "keyctl", "add_key", "pidfd_getfd", "shmget",
            "msgget", "semget",
        ])
        return Attempt(takes: [.forbidden(call: name)], act: "call", words: [name, Attempt.outsider], truth: .claimed)
    }
}
