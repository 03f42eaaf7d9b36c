import KernelPlan
import Policy

/// R301 to R309: what granted paths denote.
enum PathPages {
    private static let read = "sandboxd: 1\nname: notes\nfiles: {read: [\"${home}/notes\"]}"
    private static let write = "sandboxd: 1\nname: notes\nfiles: {write: [\"${home}/notes\"]}"

    static let pathNotFound = CodePage(
        "R301", "a granted path cannot be found",
        meaning: "Looking for the path, as you, ended with an error at the component that the refusal names.",
        example: .policy(read, on: ExampleWorld(paths: ["/home/ann/notes": .failed(error: "ENOENT", component: "/home/ann/notes")])),
        why:
            "The kernel is told inodes. What is not there has none, and whatever is made there later would be something that nobody judged.",
        waysOut: [
            "Create it before the session starts.", "Correct the path.", "End it in `?`: where nothing is there, nothing is granted.",
        ],
        related: ["R302", "R304", "R308"])

    static let changeableLink = CodePage(
        "R302", "a granted path leads over a link that the session could change",
        meaning: """
            A symbolic link on the way lies where the session may write. It could be pointed elsewhere, and the next session would be granted
            what it then points to.
            """,
        example: .policy(
            "sandboxd: 1\nname: notes\nfiles:\n  read: [\"${home}/notes/data\"]\n  write: [\"${home}/notes\"]",
            on: ExampleWorld(paths: [
                "/home/ann/notes/data": .found(
                    ExampleWorld.facts(
                        "/srv/data",
                        links: [
                            FollowedLink(
                                path: "/home/ann/notes/data", target: "/srv/data",
                                holder: Ancestor(path: "/home/ann/notes", owner: 1_000, group: 1_000, mode: 0o755))
                        ]))
            ])),
        why: "A policy whose meaning the confined server can change does not confine it.",
        waysOut: ["Write the resolved path, which the refusal gives.", "Move the link out of what may be written."],
        related: ["R301", "R305"])

    static let kernelFilesystem = CodePage(
        "R303", "a path in a filesystem of the kernel",
        meaning: "`/proc`, `/sys`, cgroup, debug and BPF filesystems and `/` itself, which reaches them, cannot be granted.",
        example: .policy(
            "sandboxd: 1\nname: notes\nfiles: {read: [/proc]}",
            on: ExampleWorld(paths: ["/proc": .found(ExampleWorld.facts("/proc", owner: 0))])),
        why:
            "Files there show other processes with their command lines and environment, and steer the kernel: another kind of thing than data.",
        waysOut: ["Remove it: most servers start without.", "Grant the directories that the server needs, not `/`."],
        needs: "For a view of the session's own processes: `files.proc: session`.",
        related: ["R120", "R307"])

    static let unusableGrant = CodePage(
        "R304", "the server's user cannot use the grant",
        meaning: """
            The policy permits it, and ordinary permissions (owner, group and mode) forbid it to the user that the server runs as. The refusal
            names the component and what is missing.
            """,
        example: .policy(
            "sandboxd: 1\nname: notes\nfiles: {read: [/etc/ssl/private]}",
            on: ExampleWorld(paths: ["/etc/ssl/private": .found(ExampleWorld.facts("/etc/ssl/private", owner: 0, mode: 0o710))])),
        why: "The grant would be written down, reviewed and of no effect; the server would fail later, and nobody would look here.",
        waysOut: [
            "Change owner, group or mode of the component.", "Run the server as a user who may: `server.user: caller`.",
            "Remove the grant.",
        ],
        needs: """
            With `server.user: session` a directory of the caller's is lent to the session by a mount that shows his files as its own, where the
            host has such mounts (Linux 5.12) and the directories above it let everybody pass. Access control lists are not read.
            """,
        related: ["R301", "R402"])

    static let ownCage = CodePage(
        "R305", "a write would reach what holds the session",
        meaning: "The granted directory holds the policy itself, sandboxd's state, or the server's own program.",
        example: .policy(
            "sandboxd: 1\nname: notes\nfiles: {write: [\"${cwd}\"]}",
            on: ExampleWorld(cages: [.init(path: "/home/ann/notes/notes.yaml", what: "the policy")])),
        why:
            "A server that can write its own policy is confined until the next start. Landlock cannot take a file out of a granted directory.",
        waysOut: [
            "Keep the policy elsewhere, for example in `~/.config/sandboxd/policies`.", "Grant a narrower directory.",
            "Install the server where it does not write.",
        ],
        needs: "Nothing takes a file out of a granted directory here: what holds the session lies outside of what it writes.",
        related: ["R302", "R309"])

    static let severalLinks = CodePage(
        "R306", "a single file with several names, granted for writing",
        meaning: "The file's inode has more than one name (hard links). Writing it under this name changes it under the others.",
        example: .command(
            "sandboxctl check notes.yaml", .severalLinks, ["path": "/home/ann/notes/todo.txt", "links": "2"]),
        why: "The other names may lie anywhere on the filesystem; the policy names one, and the grant would reach them all.",
        waysOut: [
            "Copy it to a file of its own: `cp todo.txt new && mv new todo.txt`.", "Grant the directory, if all in it may be written.",
        ],
        related: ["R305", "R307"])

    static let wrongFileKind = CodePage(
        "R307", "neither a directory nor a regular file, or not the one asked for",
        meaning: "At the path lies a device, a socket, a named pipe, or a file where a directory must be.",
        example: .policy(
            "sandboxd: 1\nname: notes\nfiles: {read: [/dev/sda]}",
            on: ExampleWorld(paths: ["/dev/sda": .found(ExampleWorld.facts("/dev/sda", .other, owner: 0))])),
        why: "What such a file does is up to whoever stands behind it: a device reaches a whole disk, a pipe another process.",
        waysOut: ["Name the directory or the regular file.", "For the socket of a service use `egress.unix`."],
        related: ["R303", "R306"])

    static let pathTimedOut = CodePage(
        "R308", "looking for a path took too long",
        meaning:
            "The filesystem at the path did not answer within the time that looking may take: often a network mount whose server is away.",
        example: .policy(read, on: ExampleWorld(paths: ["/home/ann/notes": .timedOut])),
        why: "A filesystem that hangs must not hang the daemon, and a path that nobody saw is not granted.",
        waysOut: ["Check the mount: `findmnt --target PATH`.", "Wait until its server is back.", "Remove the grant."],
        related: ["R301"])

    static let protectedFile = CodePage(
        "R309", "a write would reach a file that others execute or trust",
        meaning: """
            The granted directory holds configurations of MCP clients, start-up files of shells, or git hooks. What a server writes there, the
            client, the shell or git would run outside of the session.
            """,
        example: .policy(
            "sandboxd: 1\nname: notes\nfiles: {write: [\"${home}\"]}",
            on: ExampleWorld(missing: [.mountNamespace], protected: ["/home/ann/.bashrc"])),
        why: """
            `files.protect` is `clients` unless the policy says otherwise: such files stay read-only in what may be written. Landlock cannot take
            a file out of a granted directory, so a grant that reaches one is refused.
            """,
        waysOut: [
            "Grant a narrower directory.",
            "Write `protect: none` under `files`, if the server is meant to change them; a reviewer then sees it.",
        ],
        needs:
            "A mount namespace in which these files are read-only. Links, and files with several names, would change in it all the same.",
        related: ["R305"])

    static let noNameserver = CodePage(
        "R310", "no nameserver that `dns: host` could stand for",
        meaning: """
            `egress.dns: host` means port 53 of the nameservers in `/etc/resolv.conf`. There is none, the file cannot be read, or all of them are
            link-local or no addresses.
            """,
        example: .command("sandboxctl check notes.yaml", .noNameserver, ["file": "/etc/resolv.conf", "leftOut": "fe80::1%eth0"]),
        why:
            "The kernel is told addresses. A link-local one means another host on each interface, and an empty list would be `none`, which is not what was asked for.",
        waysOut: [
            "Name a nameserver in `/etc/resolv.conf` that has an address of its own.", "Write `dns: none`, and addresses under `tcp`.",
        ],
        related: ["R114", "R301"])
}
