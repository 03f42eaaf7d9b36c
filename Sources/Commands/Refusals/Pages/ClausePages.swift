import KernelPlan
import Policy

/// R206 to R211: clauses that some hosts cannot hold, and clauses that do not go together.
enum ClausePages {
    private static let limited = "sandboxd: 1\nname: notes\nprocesses: {memory: 512MiB}"

    static let unixPathUnavailable = CodePage(
        "R206", "nothing here can tell the granted unix sockets from others",
        meaning: """
            The policy grants unix sockets by path. To hold that, the kernel must judge connect(2) by the file that a path leads to; a filter
            of system calls does not see it, and the hooks on cgroups see only what the program wrote.
            """,
        example: .policy(
            "sandboxd: 1\nname: notes\negress: {unix: [/run/notes.sock]}",
            on: ExampleWorld(
                missing: [.landlockUnix, .bpfLSM, .mountNamespace],
                paths: ["/run/notes.sock": .found(ExampleWorld.facts("/run/notes.sock", .socket, mode: 0o666))])),
        why: "A socket that is connected to by another name reaches the same peer: docker, the session bus, a name service.",
        waysOut: [
            "Use a host with Landlock ABI 9 (Linux 7.1): it needs no privilege.",
            "Run sandboxd as root on a host where BPF_LSM_CGROUP programs load.",
            "Where single files are all that is granted, a mount namespace is enough: it shows no other socket.",
        ],
        needs: "Landlock ABI 9, BPF LSM, or a private mount namespace.", related: ["R201", "R209"])

    static let listenWithoutFilter = CodePage(
        "R207", "own endpoints cannot be held without the ingress filter",
        meaning: """
            Hooks at bind(2) hold which endpoints the server takes. But listen(2) without bind(2) takes a free port by itself, and no hook sees it:
            only a filter on what arrives keeps others from connecting there.
            """,
        example: .policy(
            "sandboxd: 1\nname: notes\ningress: {tcp: [\"127.0.0.1:8080\"]}",
            on: ExampleWorld(missing: [.ingressFilter], observed: "load: EPERM")),
        why: "With the hooks alone the server would be reachable on ports that the policy does not name.",
        waysOut: [
            "Use a host where programs of type cgroup_skb load: see `sandboxctl doctor`.",
            "Write `ingress: {tcp: none}`, or openly `any`.",
        ],
        needs: "BPF programs at cgroup_skb/ingress.", related: ["R201", "R210"])

    static let limitWithoutController = CodePage(
        "R208", "the session's cgroup has no controller for the limit",
        meaning: """
            `tasks`, `memory` and `cpu` are limits of the whole session. The kernel holds them by controllers of cgroups: of cgroup2, or on hybrid
            hosts of the old hierarchies. The one that is needed was tried here and does not work: it is not enabled as far down as sandboxd's own
            cgroup, other processes live in that cgroup, swap is not accounted, or there is no cgroup of sandboxd's own at all.
            """,
        example: .policy(limited, on: ExampleWorld(missing: [.memoryController], observed: "not in cgroup.controllers")),
        why: """
            setrlimit(2) limits one process, and a session may have many. Memory that can be swapped out is not limited, so that swap is
            set to none, which needs its accounting.
            """,
        waysOut: [
            "Start sandboxd in a cgroup of its own that has the controller: `Delegate=yes` in its unit, or `systemd-run -p Delegate=yes sandboxd`.",
            "Leave the limit out; `sandboxctl explain` then says that there is none.",
        ],
        needs: "The controllers pids, memory (with swap accounting) and cpu, in cgroup2 or in old hierarchies.", related: ["R201", "R202"])

    static let unixBesideHooks = CodePage(
        "R209", "`unix: any` cannot stand beside a clause that hooks on sockets hold",
        meaning: """
            The clause is held by programs that judge the sockets of the session. A socket that was made elsewhere and is received over a unix
            socket is not judged, and `unix: any` lets it be received from anybody.
            """,
        example: .policy("sandboxd: 1\nname: notes\negress: {tcp: [\"203.0.113.10:443\"], unix: any}"),
        why: "What can be undone by asking a neighbour for a socket is not enforced.",
        waysOut: [
            "Name the unix sockets: `unix: [/run/name.sock]`. The peers that are named are trusted with what they pass on.",
            "Grant TCP by port (`*:443`) or `any`: Landlock judges the process, not the socket.",
        ],
        related: ["R206"])

    static let unspecifiedEndpoint = CodePage(
        "R210", "0.0.0.0 and :: are no endpoints of a server's own",
        meaning: "Whoever binds the unspecified address is reached at every address of the host; nobody connects to it.",
        example: .policy("sandboxd: 1\nname: notes\ningress: {tcp: [\"0.0.0.0:8080\"]}"),
        why: "Read as an address it would permit a bind that nobody can reach, read as a wildcard more than it says.",
        waysOut: ["Write `*:8080` for every address of the host.", "Write the address, for example `127.0.0.1:8080`."],
        related: ["R207", "R114"])

    static let hiddenGrant = CodePage(
        "R211", "a grant lies where the session has a directory of its own",
        meaning: "`tmp: private` puts empty directories in place of /tmp and /var/tmp, and what is granted there cannot be seen.",
        example: .policy("sandboxd: 1\nname: notes\nfiles: {read: [/tmp/notes], tmp: private}"),
        why: "A grant that cannot be used is a mistake of the policy, and is not passed over.",
        waysOut: ["Keep the files elsewhere.", "Write `tmp: none`, and grant the directory that the server needs."],
        related: ["R304"])
}
