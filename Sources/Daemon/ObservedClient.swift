import CLinux
import ControlProtocol
import Descriptors
import Glibc
import StrictJSON

/// Who asked for a session: the process of `sandboxctl`, and the one that started it, by which the sessions of one agent are joined. Observed when
/// it asked; nothing is decided by it.
struct ObservedClient: Sendable, Hashable {
    let peer: PeerCredentials
    /// nil when it had ended before it was looked at.
    private(set) var process: ObservedProcess?
    private(set) var parent: ObservedProcess?
    /// Whether the kernel bound the number to the process when it connected (Linux 6.5), or only we when we looked.
    private(set) var isBoundByKernel = false

    init(_ peer: PeerCredentials, _ connection: ControlConnection?) {
        self.init(peer) { () throws(Errno) in try connection?.peerProcessDescriptor() }
    }

    /// Who connected a unix socket that somebody passed: the kernel's word, whoever passes it. Errors: `ENOTSOCK`, too, where it is none.
    init(connectedTo socket: borrowing OwnedDescriptor) throws(Errno) {
        guard clx_socket_domain(socket.number) == AF_UNIX else { throw .notSocket }
        let socket = socket.borrowed
        self.init(try socket.peerCredentials()) { () throws(Errno) in try socket.peerProcessDescriptor() }
    }

    private init(_ peer: PeerCredentials, _ bound: () throws(Errno) -> OwnedDescriptor?) {
        self.peer = peer
        guard let descriptor = bind(bound) else { return }
        process = ObservedProcess(peer.process, descriptor)
        guard let number = process?.parent, number > 0, let starter = try? OwnedDescriptor.process(number) else { return }
        let found = ObservedProcess(number, starter)
        // While its child calls it its parent, the number is nobody else's.
        let status = try? ProcessStatus(ObservedProcess.contents("/proc/\(peer.process)/status", 8_192))
        if status?.parent == number, descriptor.namesProcessInTable { parent = found }
    }

    /// A descriptor of the process that asked.
    private mutating func bind(_ bound: () throws(Errno) -> OwnedDescriptor?) -> OwnedDescriptor? {
        do {
            guard let bound = try bound() else { return try .process(peer.process) }
            isBoundByKernel = true
            return bound
        } catch {
            return nil
        }
    }

    /// As it is shown to those who decide about its calls.
    var starter: ClientProcess? { parent.map { ClientProcess(pid: $0.pid, executable: $0.executable ?? "") } }

    var json: JSON {
        var json = process?.json ?? ["absent": ["process": "it had ended before it was looked at"]]
        json["claim"] = "observed"
        json["pid"] = JSON(Int(peer.process))
        json["uid"] = JSON(Int(peer.user))
        json["bound"] = isBoundByKernel ? "when it connected" : "when it was looked at"
        if let boot = FileDigests.boot { json["boot"] = .string(boot) }
        if let parent { json["parent"] = .object(parent.json) } else { json["parent"] = ["absent": "none that could be seen"] }
        return .object(json)
    }
}
