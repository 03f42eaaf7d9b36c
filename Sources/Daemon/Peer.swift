import ControlProtocol
import Descriptors
import KernelPlan

/// Who asks, and how far its right goes for what it asks.
struct Peer {
    let credentials: PeerCredentials
    /// Whose things the method may be about, for this peer. Never `nothing`.
    let reach: Rights.Reach

    private let custody: HostCustody
    private let groups: HostGroups

    /// Refuses whom the table gives nothing. Where the groups that could give something cannot be looked up, nothing is given.
    init(
        _ credentials: PeerCredentials, asking method: ControlInterface.Method, _ custody: HostCustody, _ groups: HostGroups
    ) throws(ControlError) {
        self.credentials = credentials
        self.custody = custody
        self.groups = groups
        reach = try Self.reach(of: credentials, to: method, custody, groups)
        guard reach > .nothing else { throw .notPermitted(problem: Rights.refusal(of: method, keptBy: custody)) }
    }

    var user: UInt32 { credentials.user }
    var process: Int32 { credentials.process }

    /// Whether what belongs to this user is the peer's to see or to touch.
    func reaches(_ caller: UInt32) -> Bool { reach == .all || caller == user }

    /// Whose things they are; nil for everybody's.
    var only: UInt32? { reach == .all ? nil : user }

    /// How far its right goes for another method.
    func reach(to method: ControlInterface.Method) throws(ControlError) -> Rights.Reach {
        try Self.reach(of: credentials, to: method, custody, groups)
    }

    private static func reach(
        of peer: PeerCredentials, to method: ControlInterface.Method, _ custody: HostCustody, _ groups: HostGroups
    ) throws(ControlError) -> Rights.Reach {
        let rights = Rights.to(method)
        if custody == .user { return rights.owner }
        if peer.user == 0 { return rights.root }
        var reach = rights.anybody
        // Only those are looked up that would add something.
        for role in [Rights.Role.user, .approver, .auditor] where rights[role] > reach {
            if try isMember(peer, role, groups) { reach = rights[role] }
        }
        return reach
    }

    private static func isMember(_ peer: PeerCredentials, _ role: Rights.Role, _ groups: HostGroups) throws(ControlError) -> Bool {
        switch role {
        case .user: try asked(HostGroups.users) { () throws(Errno) in try groups.include(peer, in: HostGroups.users, absent: true) }
        case .approver: try asked(HostGroups.approvers) { () throws(Errno) in try groups.include(peer, in: HostGroups.approvers) }
        case .auditor: try asked(HostGroups.auditors) { () throws(Errno) in try groups.include(peer, in: HostGroups.auditors) }
        case .anybody: true
        case .root, .owner: false
        }
    }

    private static func asked(_ name: String, _ question: () throws(Errno) -> Bool) throws(ControlError) -> Bool {
        do { return try question() } catch {
            throw .notPermitted(problem: "the group `\(name)` cannot be looked up: \(error.name)")
        }
    }
}
