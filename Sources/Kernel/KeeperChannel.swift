import CLaunch
public import Descriptors

/// The daemon's end of a keeper's control socket: orders out, reports in.
public final class KeeperChannel {
    public let socket: OwnedDescriptor

    public init(socket: consuming OwnedDescriptor) { self.socket = socket }

    public enum Role: UInt32, Sendable, Hashable {
        case gate = 1, server = 2, selfTest = 3

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

    /// The session's cgroups, lifeline and listener, in the order of the wire.
    public func introduce(_ session: String, becoming identity: Identity?, descriptors: [BorrowedDescriptor]) throws(Errno) {
        var order = Self.order(CL_ORDER_SESSION)
        order.uid = identity?.uid ?? UInt32.max
        order.gid = identity?.gid ?? UInt32.max
        order.flush_milliseconds = 2_000
        withUnsafeMutableBytes(of: &order.name) { $0.copyBytes(from: session.utf8.prefix(Int(CL_SESSION_NAME_MAX) - 1)) }
        try send(&order, descriptors)
    }

    public func launch(_ role: Role, _ specification: borrowing OwnedDescriptor, _ descriptors: LaunchSpecification.Descriptors) throws(Errno) {
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

    public func seal() throws(Errno) {
        var order = Self.order(CL_ORDER_SEAL)
        try send(&order, [])
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
        for number in descriptors.prefix(Int(max(0, count))) { _ = OwnedDescriptor(owning: number) }
        switch result {
        case 1: return try KeeperReport(report)
        case 0: throw .closed
        case -Errno.tryAgain.code: return nil
        default: throw .broken(Errno(code: -result))
        }
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
