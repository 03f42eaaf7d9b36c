import CLaunch
public import Descriptors
public import KernelPlan
import Policy

/// The self-test's trials in the memfd that the keeper reads.
public enum TrialList {
    /// In the plan's order: a result's index is an index of `trials`.
    public static func make(_ trials: [Trial]) throws(LaunchFailure) -> OwnedDescriptor {
        guard trials.count <= Int(CL_TRIALS_MAX) else { throw LaunchFailure(.selfTest, nil, "\(trials.count) trials") }
        return try LaunchStep.selfTest.run { () throws(Errno) in
            let list = try descriptor(cl_trials_begin())
            for trial in trials {
                var wire = trial.act.wire
                if let path = trial.act.path {
                    try check(cl_trials_add(list.number, &wire, path))
                } else {
                    try check(cl_trials_add(list.number, &wire, nil))
                }
            }
            try check(cl_trials_end(list.number))
            return list
        }
    }
}

extension Trial.Act {
    fileprivate var wire: cl_trial {
        switch self {
        case .tcpConnect(let address, let port): Self.network(CL_ACT_TCP_CONNECT, address, port)
        case .udpSend(let address, let port): Self.network(CL_ACT_UDP_SENDTO, address, port)
        case .fastOpen(let address, let port): Self.network(CL_ACT_TCP_FASTOPEN, address, port)
        case .multipathSocket: Self.network(CL_ACT_MPTCP_CONNECT, .v4(0x7f00_0001), 9)
        case .routingHeader: Self.plain(CL_ACT_ROUTING_HEADER)
        case .unixSocket: Self.plain(CL_ACT_UNIX_SOCKET)
        case .unixDatagramPair: Self.plain(CL_ACT_UNIX_DATAGRAM_PAIR)
        // Not a port that only the privileged may have: that would be refused without us.
        case .bind: Self.network(CL_ACT_TCP_BIND, .v4(0x7f00_0001), 8_009)
        case .listen: Self.network(CL_ACT_TCP_LISTEN, .v4(0x7f00_0001), 9)
        case .accept(let address, let port): Self.network(CL_ACT_TCP_ACCEPT, address, port)
        case .list: Self.plain(CL_ACT_LIST)
        case .read: Self.plain(CL_ACT_OPEN_READ)
        case .write: Self.plain(CL_ACT_CREATE)
        case .writeFile: Self.plain(CL_ACT_OPEN_WRITE)
        case .changeMode: Self.plain(CL_ACT_METADATA)
        case .fork: Self.plain(CL_ACT_FORK)
        case .execute: Self.plain(CL_ACT_EXECVE)
        case .ioUring: Self.plain(CL_ACT_IO_URING)
        case .trace: Self.plain(CL_ACT_PTRACE)
        case .seeHost: Self.plain(CL_ACT_SEE_HOST)
        case .readStranger: Self.plain(CL_ACT_READ_STRANGER)
        case .change: Self.plain(CL_ACT_CHANGE)
        case .removeDirectory: Self.plain(CL_ACT_REMOVE_DIRECTORY)
        case .unixConnect: Self.plain(CL_ACT_UNIX_CONNECT)
        case .unixAbstract: Self.plain(CL_ACT_UNIX_ABSTRACT)
        }
    }

    fileprivate var path: String? {
        switch self {
        case .list(let path), .read(let path), .seeHost(let path), .change(let path), .removeDirectory(let path),
            .unixConnect(let path):
            path
        case .write(let directory): directory
        case .writeFile(let file): file
        case .execute: "/bin/true"
        case .tcpConnect, .udpSend, .fastOpen, .multipathSocket, .routingHeader, .unixSocket, .unixDatagramPair, .bind, .listen, .accept,
            .changeMode, .fork, .ioUring, .trace, .readStranger, .unixAbstract:
            nil
        }
    }

    private static func plain(_ act: cl_act) -> cl_trial {
        var trial = cl_trial()
        trial.act = act
        return trial
    }

    private static func network(_ act: cl_act, _ address: IPAddress, _ port: UInt16) -> cl_trial {
        var trial = plain(act)
        trial.port = UInt32(port)
        withUnsafeMutableBytes(of: &trial.address) { $0.copyBytes(from: address.mappedBytes) }
        return trial
    }
}
