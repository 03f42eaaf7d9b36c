import CLaunch
public import Descriptors

/// The daemon's end of a keeper's control socket: orders out, reports in.
public final class KeeperChannel {
    public let socket: OwnedDescriptor

    /// Of a server that is armed: the listening socket of its empty network, for whoever serves it.
    public var door: OwnedDescriptor?

    /// What an earlier daemon left with the keeper at `seal`; given with the first report after adoption.
    public var kept: OwnedDescriptor?

    /// The listener of a server that is observed; given when it runs.
    public var observer: OwnedDescriptor?

    public init(socket: consuming OwnedDescriptor) { self.socket = socket }

    public enum Role: UInt32, Sendable, Hashable {
        case gate = 1
        case server = 2
        case selfTest = 3
        case proxy = 7

        public var text: String {
            switch self {
            case .gate: "gate"
            case .server: "server"
            case .selfTest: "self-test"
            case .proxy: "proxy"
            }
        }

        var wire: cl_role { cl_role(rawValue: rawValue) }
    }

    /// Who the keeper becomes when it is sealed.
    public struct Identity: Sendable, Hashable {
        public var uid: UInt32
        public var gid: UInt32

        public init(uid: UInt32, gid: UInt32) {
            self.uid = uid
            self.gid = gid
        }
    }

    /// The leaves that gate and server are born into, and what kills them.
    public struct Cgroups: Sendable {
        public var gate: BorrowedDescriptor
        public var server: BorrowedDescriptor
        public var killGate: BorrowedDescriptor
        public var killServer: BorrowedDescriptor

        public init(gate: BorrowedDescriptor, server: BorrowedDescriptor, killGate: BorrowedDescriptor, killServer: BorrowedDescriptor) {
            self.gate = gate
            self.server = server
            self.killGate = killGate
            self.killServer = killServer
        }
    }

    /// What the keeper keeps. Without cgroups it must be the first process of a PID namespace.
    public func introduce(
        _ session: String, becoming identity: Identity?, cgroups: Cgroups?, lifeline: BorrowedDescriptor, listener: BorrowedDescriptor,
        record: BorrowedDescriptor
    ) throws(Errno) {
        var order = Self.order(CL_ORDER_SESSION)
        order.without_cgroups = cgroups == nil ? 1 : 0
        let leaves = cgroups.map { [$0.gate, $0.server, $0.killGate, $0.killServer] } ?? []
        order.uid = identity?.uid ?? UInt32.max
        order.gid = identity?.gid ?? UInt32.max
        order.flush_milliseconds = 2_000
        withUnsafeMutableBytes(of: &order.name) { $0.copyBytes(from: session.utf8.prefix(Int(CL_SESSION_NAME_MAX) - 1)) }
        try send(&order, leaves + [lifeline, listener, record])
    }

    /// Before the proxy's launch: where it is born and what kills it, where the session has cgroups, and a pipe's writing end that is closed when it
    /// is to finish.
    public func prepareProxy(hold: BorrowedDescriptor, cgroup: BorrowedDescriptor?, kill: BorrowedDescriptor?) throws(Errno) {
        var order = Self.order(CL_ORDER_LEAF, .proxy)
        try send(&order, [hold, cgroup, kill].compactMap { $0 })
    }

    public func launch(_ role: Role, _ specification: borrowing OwnedDescriptor, _ descriptors: LaunchSpecification.Descriptors)
        throws(Errno)
    {
        var order = Self.order(CL_ORDER_LAUNCH, role)
        try send(&order, [specification.borrowed] + descriptors.all)
    }

    /// The same steps as the server's; the keeper makes the three pipes.
    public func selfTest(
        _ trials: borrowing OwnedDescriptor, _ specification: borrowing OwnedDescriptor, _ descriptors: LaunchSpecification.Descriptors
    ) throws(Errno) {
        var order = Self.order(CL_ORDER_SELF_TEST, .selfTest)
        try send(&order, [trials.borrowed, specification.borrowed] + descriptors.all)
    }

    public func go(_ role: Role) throws(Errno) {
        var order = Self.order(CL_ORDER_GO, role)
        try send(&order, [])
    }

    /// `keeping`: what the next daemon is to have, so that its other end does not see that this one is gone.
    public func seal(keeping: BorrowedDescriptor?) throws(Errno) {
        var order = Self.order(CL_ORDER_SEAL)
        try send(&order, keeping.map { [$0] } ?? [])
    }

    public func end() throws(Errno) {
        var order = Self.order(CL_ORDER_END)
        try send(&order, [])
    }

    /// The next report; `nil` when none is there yet.
    public func receive() throws(KeeperFault) -> KeeperReport? {
        var report = cl_report()
        var descriptors = [Int32](repeating: -1, count: 4)
        var count: Int32 = 0
        let result = cl_receive_report(socket.number, &report, &descriptors, 4, &count)
        let passed = descriptors.prefix(Int(max(0, count)))
        // The keeper may live in a PID namespace: what its numbers mean here, the kernel says of the pidfd.
        if result == 1, let number = passed.first, let process = Self.process(of: number) { report.pid = process }
        for (index, number) in passed.enumerated() {
            switch (report.kind, index) {
            case (CL_REPORT_HELLO, 2): kept = OwnedDescriptor(owning: number)
            case (CL_REPORT_RUNNING, 0): observer = OwnedDescriptor(owning: number)
            case (CL_REPORT_ARMED, 1): door = OwnedDescriptor(owning: number)
            case _: _ = OwnedDescriptor(owning: number)
            }
        }
        switch result {
        case 1: return try KeeperReport(report)
        case 0: throw .closed
        case -Errno.tryAgain.code: return nil
        default: throw .broken(Errno(code: -result))
        }
    }

    /// The pid of a pidfd as this process sees it (`Pid:` of /proc/self/fdinfo, pidfd_open(2)).
    private static func process(of pidfd: Int32) -> Int32? {
        guard let file = try? WorkingDirectory().open("/proc/self/fdinfo/\(pidfd)"), let bytes = try? file.readAll(limit: 4_096) else {
            return nil
        }
        let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("Pid:") }
        return line.flatMap { Int32($0.dropFirst(4).drop { $0 == "\t" || $0 == " " }) }
    }

    private static func order(_ kind: cl_order_kind, _ role: Role? = nil) -> cl_order {
        var order = cl_order()
        order.version = UInt32(CL_VERSION)
        order.kind = kind
        order.role = role?.wire ?? CL_ROLE_NONE
        return order
    }

    private func send(_ order: inout cl_order, _ descriptors: [BorrowedDescriptor]) throws(Errno) {
        let numbers = descriptors.map(\.number)
        try check(cl_send_order(socket.number, &order, numbers, Int32(numbers.count)))
    }
}

/// A keeper that can no longer be talked to.
public enum KeeperFault: Error, Sendable, Hashable {
    case closed
    case broken(Errno)
    /// A report that no keeper of this version makes.
    case unknownReport(UInt32)
}
