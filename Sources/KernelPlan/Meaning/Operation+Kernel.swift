import Policy

/// How operations reach the kernel: the calls that a filter sees, and the rights that Landlock asks for. The map of the mechanisms, not of the policy.
extension Operation {
    struct Call {
        var name: String
        var arguments: [UInt64]

        init(_ name: String, _ arguments: [UInt64] = []) {
            self.name = name
            self.arguments = arguments
        }
    }

    /// Each way to ask for it; it goes through when one of them does.
    var ways: [[Call]] {
        switch self {
        case .socket(let family, let type, let proto): [[Call("socket", [family, type, proto])]]
        case .socketPair(let type): [[Call("socketpair", [1, type, 0])]]
        case .connect(let path, let address, _): [[Call("socket", [address.family, 1, 0])] + path.calls]
        case .send(let path, let address, _): [[Call("socket", [address.family, 2, 0])] + path.calls]
        case .receive(let address, _): [[Call("socket", [address.family, 2, 0])]]
        case .receiveErrors:
            [("recvfrom", 3), ("recvmsg", 2), ("recvmmsg", 3)].map { name, flags in
                [Call("socket", [2, 2, 0]), Call(name, Array(repeating: 0, count: flags) + [0x2000])]
            }
        case .bind(let transport, let address, _): [[Call("socket", [address.family, transport.type, 0]), Call("bind")]]
        case .listen: [[Call("listen")]]
        case .accept(.bound, _, _): [[Call("bind"), Call("listen")]]
        case .accept(.unbound, _, _): [[Call("listen")]]
        case .unix(let act, _): act.ways
        case .socketOption(let level, let option): [[Call("setsockopt", [3, level, option])]]
        case .deviceControl(let request): [[Call("ioctl", [3, request])]]
        case .controlDevice(let opening, let path): opening.ways.map { $0 + [Call("ioctl", [3, path.deviceRequest])] }
        case .file(let act, _): act.ways
        case .move: ["rename", "renameat", "renameat2", "link", "linkat"].map { [Call($0)] }
        case .metadata(let change, _, _): change.calls.map { [Call($0)] }
        case .execute: ["execve", "execveat"].map { [Call($0)] }
        case .executeMemory: [[Call("memfd_create"), Call("execveat")]]
        // What was asked once is let through once.
        case .start: [[]]
        case .makeProcess: [[Call("fork")], [Call("vfork")], [Call("clone", [17])], [Call("clone3")]]
        case .makeThread: [[Call("clone", [0x003d_0f00])]]
        case .makeNamespace(let flag): [[Call("clone", [flag | 17])], [Call("unshare", [flag])], [Call("setns")]]
        case .newListener: [[Call("seccomp", [1, 8])]]
        case .forbidden(let call): [[Call(call)]]
        case .signalOutside: [[Call("kill")], [Call("tgkill")], [Call("pidfd_send_signal")]]
        case .adjustOutside:
            [
                [Call("prlimit64", [77])], [Call("sched_setscheduler", [77])], [Call("setpriority", [0, 77])],
                [Call("ioprio_set", [1, 77])], [Call("setpriority", [2, 0])], [Call("ioprio_set", [3, 0])],
            ]
        }
    }
}

extension Operation.Opening {
    fileprivate var ways: [[Operation.Call]] {
        switch self {
        case .reading: [[]]
        case .nothing: [[.init("openat", [0, 0, 3])], [.init("open", [0, 3])], [.init("openat2")]]
        }
    }
}

extension String {
    /// One that the device knows: RNDGETENTCNT, or any.
    fileprivate var deviceRequest: UInt64 { hasSuffix("random") ? 0x8004_5200 : 0x1234 }
}

extension Operation.Transport {
    fileprivate var type: UInt64 { self == .tcp ? 1 : 2 }
}

extension Operation.ConnectPath {
    fileprivate var calls: [Operation.Call] {
        switch self {
        case .connect: [Operation.Call("connect")]
        case .sendTo: [Operation.Call("sendto", [3, 0, 1, 0x2000_0000])]
        case .sendMessage: [Operation.Call("sendmsg", [3, 0, 0x2000_4000])]
        case .sendMessages: [Operation.Call("sendmmsg", [3, 0, 1, 0x2000_0000])]
        }
    }
}

extension Operation.SendPath {
    fileprivate var calls: [Operation.Call] {
        switch self {
        case .connect: [Operation.Call("connect")]
        case .sendTo: [Operation.Call("sendto")]
        case .sendMessage, .turned: [Operation.Call("sendmsg")]
        case .sendMessages: [Operation.Call("sendmmsg")]
        }
    }
}

extension Operation.UnixAct {
    fileprivate var ways: [[Operation.Call]] {
        switch self {
        case .connect: [[.init("socket", [1, 1, 0]), .init("connect")]]
        case .sendTo: [[.init("socket", [1, 2, 0]), .init("sendto")], [.init("socket", [1, 3, 0]), .init("sendmsg")]]
        case .sendFromPair: [[.init("socketpair", [1, 2, 0]), .init("sendto")]]
        case .bind: [[.init("socket", [1, 1, 0]), .init("bind")], [.init("socketpair", [1, 2, 0]), .init("bind")]]
        case .listen: [[.init("socket", [1, 1, 0]), .init("bind"), .init("listen")]]
        case .autobind: [UInt64(16), 76].map { [.init("socket", [1, 2, 0]), .init("setsockopt", [3, 1, $0])] }
        }
    }
}

extension Operation.MetadataChange {
    fileprivate var calls: [String] {
        switch self {
        case .mode: ["chmod", "fchmod", "fchmodat", "fchmodat2"]
        case .owner: ["chown", "fchown", "lchown", "fchownat"]
        case .times, .touch: ["utime", "utimes", "utimensat", "futimesat"]
        case .attribute:
            ["setxattr", "lsetxattr", "fsetxattr", "setxattrat", "removexattr", "lremovexattr", "fremovexattr", "removexattrat"]
        }
    }
}

extension Operation.FileAct {
    fileprivate var ways: [[Operation.Call]] {
        switch self {
        // Beside opening it for writing.
        case .truncate:
            [[.init("truncate")], [.init("openat2")]]
                + [0o1000, 0o1003].flatMap { flags in [[.init("openat", [0, 0, flags])], [.init("open", [0, flags])]] }
        case .read, .list, .write, .makeFile, .makeDirectory, .makeLink, .makeFIFO, .makeSocket, .remove, .removeDirectory:
            [[]]
        // S_IFCHR
        case .makeDevice: [[.init("mknod", [0, 0x2000])], [.init("mknodat", [0, 0, 0x2000])]]
        // RENAME_WHITEOUT
        case .leaveDevice: [[.init("renameat2", [0, 0, 0, 0, 4])]]
        }
    }

    /// The right that Landlock asks for; on some kernels only, where a device is made.
    var right: FileRights {
        switch self {
        case .read: .readFile
        case .list: .readDirectory
        case .write: .writeFile
        case .truncate: .truncate
        case .makeFile, .makeDevice, .leaveDevice: .makeFile
        case .makeDirectory: .makeDirectory
        case .makeLink: .makeLink
        case .makeFIFO: .makeFIFO
        case .makeSocket: .makeSocket
        case .remove: .removeFile
        case .removeDirectory: .removeDirectory
        }
    }

    /// Whether it changes a directory's names, so that the directory is asked and not what lies there.
    var isOfName: Bool {
        switch self {
        case .read, .list, .write, .truncate: false
        case .makeFile, .makeDirectory, .makeLink, .makeDevice, .leaveDevice, .makeFIFO, .makeSocket, .remove, .removeDirectory: true
        }
    }

    /// Whether a read-only mount lets it be.
    var isReading: Bool { self == .read || self == .list }
}

extension IPAddress {
    /// AF_INET or AF_INET6, as the socket has it that is given this address.
    fileprivate var family: UInt64 {
        switch self {
        case .v4: 2
        case .v6: 10
        }
    }
}
