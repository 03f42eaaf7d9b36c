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
        case .connect(let path, _, _): [[Call("socket", [2, 1, 0])] + path.calls]
        case .bind: [[Call("bind")]]
        case .listen: [[Call("listen")]]
        case .socketOption(let level, let option): [[Call("setsockopt", [3, level, option])]]
        case .deviceControl(let request): [[Call("ioctl", [3, request])]]
        case .file(let act, _): act.ways
        case .move: ["rename", "renameat", "renameat2", "link", "linkat"].map { [Call($0)] }
        case .metadata: Self.metadataCalls.map { [Call($0)] }
        case .execute: ["execve", "execveat"].map { [Call($0)] }
        case .makeProcess: [[Call("fork")], [Call("vfork")], [Call("clone", [17])], [Call("clone3")]]
        case .makeThread: [[Call("clone", [0x003d_0f00])]]
        case .makeNamespace(let flag): [[Call("clone", [flag | 17])], [Call("unshare", [flag])], [Call("setns")]]
        case .forbidden(let call): [[Call(call)]]
        case .signalOutside: [[Call("kill")], [Call("tgkill")], [Call("pidfd_send_signal")]]
        }
    }

    static let metadataCalls = [
        "chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat", "utime", "utimes", "utimensat", "futimesat",
        "setxattr", "lsetxattr", "fsetxattr", "setxattrat", "removexattr", "lremovexattr", "fremovexattr", "removexattrat", "file_setattr",
    ]
}

extension Operation.ConnectPath {
    var calls: [Operation.Call] {
        switch self {
        case .connect: [Operation.Call("connect")]
        case .sendTo: [Operation.Call("sendto", [3, 0, 1, 0x2000_0000])]
        case .sendMessage: [Operation.Call("sendmsg", [3, 0, 0x2000_4000])]
        case .sendMessages: [Operation.Call("sendmmsg", [3, 0, 1, 0x2000_0000])]
        }
    }
}

extension Operation.FileAct {
    var ways: [[Operation.Call]] {
        switch self {
        case .truncate: [[.init("truncate")], [.init("openat", [0, 0, 0o1000])], [.init("open", [0, 0o1000])], [.init("openat2")]]
        case .read, .list, .write, .makeFile, .makeDirectory, .makeLink, .makeDevice, .makeFIFO, .makeSocket, .remove, .removeDirectory:
            [[]]
        }
    }

    /// The right that Landlock asks for.
    var right: FileRights {
        switch self {
        case .read: .readFile
        case .list: .readDirectory
        case .write: .writeFile
        case .truncate: .truncate
        case .makeFile: .makeFile
        case .makeDirectory: .makeDirectory
        case .makeLink: .makeLink
        case .makeDevice: .makeCharacterDevice
        case .makeFIFO: .makeFIFO
        case .makeSocket: .makeSocket
        case .remove: .removeFile
        case .removeDirectory: .removeDirectory
        }
    }
}
