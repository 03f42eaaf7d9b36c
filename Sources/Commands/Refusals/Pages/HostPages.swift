import KernelPlan
import Policy

/// R201 to R205: what a host can hold.
enum HostPages {
    private static let byAddress = "sandboxd: 1\nname: notes\negress: {tcp: [\"203.0.113.10:443\"]}"

    static let mechanismUnavailable = CodePage(
        "R201", "a mechanism that the clause needs does not work on this host",
        meaning: """
            The clause can be held exactly by the mechanism that the refusal names, and on this host a live probe of it failed or was not made.
            What the probe saw stands in the refusal: an error with the step at which it came, or `not tried`, which means that this version
            does not use the mechanism yet.
            """,
        example: .policy(byAddress, on: ExampleWorld(missing: [.connectHooks], observed: "load: EPERM")),
        why: """
            Nothing is taken from a version number or a configuration file: a mechanism that was not seen to refuse a forbidden act and to let a
            permitted one pass is not relied on. Running the server with less than its policy is no option that exists.
            """,
        waysOut: [
            "See `sandboxctl doctor` for everything that was tried, and `sandboxctl check --host PROFILE` for other hosts.",
            "Narrow the clause to what this host can hold; `sandboxctl explain` of the narrower policy says by what.",
            "Give the host what the refusal says it needs: a newer kernel, a kernel option, a security module in `lsm=`.",
        ],
        needs: """
            The kernel that the refusal names: Landlock's TCP ports since Linux 6.7 (ABI 4), its scopes since 6.12 (ABI 6), `cgroup.kill` since
            5.14, notifications of seccomp since 5.5.
            """,
        related: ["R202", "R203", "R120"])

    static let needsDaemon = CodePage(
        "R202", "only a sandboxd that runs as root can hold the clause",
        meaning: """
            The mechanism exists here, but installing it takes privilege: programs on a cgroup, a user of the session's own. The private
            sandboxd, which sandboxctl starts as you when no daemon answers, cannot.
            """,
        example: .policy(byAddress, on: ExampleWorld(custody: .user, missing: [.connectHooks, .sendHooks, .bindHooks, .pins, .cgroup])),
        why: "The kernel gives these mechanisms to root alone, since they bind processes of others as well.",
        waysOut: [
            "Start sandboxd: `sudo sandboxd`. Its users need no privilege of their own.",
            "Narrow the clause to what needs no privilege: TCP by port (`*:443`), `none` or `any`.",
            "Leave `server.user` out: without a daemon the server runs as you.",
        ],
        needs: "A running sandboxd; `sandboxctl status` says which one answers.",
        related: ["R201", "R401"])

    static let inexpressible = CodePage(
        "R203", "the mechanisms of this host permit more than the clause, or less",
        meaning: """
            Each mechanism that works here was tried, alone and together with the others, and none comes to exactly what the clause permits. The
            refusal names the gap: what would be permitted beyond the policy, or denied within it.
            """,
        example: .policy(
            "sandboxd: 1\nname: notes\nfiles: {write: [\"${home}/notes\"]}", on: ExampleWorld(landlockABI: 1)),
        why: """
            A plan is made when the set of operations that it permits equals the policy's, and not otherwise. A plan that is nearly right
            would be relied on as if it were.
            """,
        waysOut: [
            "Write the clause so that the gap does not matter, in the way that the refusal suggests.",
            "Say the wider thing openly, where it is acceptable: `any` instead of a list.",
            "Use a host whose kernel has the finer mechanism: `sandboxctl check --host PROFILE` says which.",
        ],
        needs: "The mechanism or kernel that the refusal names beside the gap.",
        related: ["R201", "R202"])

    static let foreignPrograms = CodePage(
        "R204", "programs of others are attached where ours must decide",
        meaning: """
            On the way from the root of the cgroup tree to the session's cgroup another program is attached to the same hook. It runs beside
            ours and may override it.
            """,
        example: .command(
            "sandboxctl wrap --policy notes -- mcp-notes", .foreignPrograms,
            ["hook": "cgroup/connect4", "programs": "connect_proxy (id 84)"]),
        why: "What a foreign program will permit, forbid or rewrite cannot be known from here, and so neither what the plan would come to.",
        waysOut: [
            "`bpftool cgroup tree` shows what is attached where; detach it, if it is yours.",
            "Run sandboxd in a cgroup that the program does not cover.",
        ],
        needs: "A cgroup without programs of others on the hooks that the plan uses.",
        related: ["R201"])

    static let unknownSyscall = CodePage(
        "R205", "a system call of the plan has no number on this architecture",
        meaning: "The filter of system calls names a call that the library on this host cannot translate for this machine.",
        example: .command("sandboxctl wrap --policy notes -- mcp-notes", .unknownSyscall, ["syscall": "mseal"]),
        why: "A call that cannot be named cannot be denied, and leaving it out would leave it open.",
        waysOut: ["Use a host of a supported architecture: x86-64.", "Install a libseccomp that knows the call."],
        needs: "A libseccomp that is newer than the system call.",
        related: ["R201"])
}
