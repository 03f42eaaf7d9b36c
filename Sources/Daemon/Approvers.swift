import Descriptors
import KernelPlan
import Policy

/// Who may decide about a session's calls, and for how long.
struct Approvers: Sendable, Hashable {
    let by: [ApprovalsClause.Approver]
    /// Seconds that a question can be answered, and a grant be used.
    let within: Int
    /// Seconds that a call waits in line.
    let wait: Int

    init(_ clause: ApprovalsClause, _ custody: HostCustody) {
        let fallback: ApprovalsClause.Approver = custody == .user ? .caller : .group(HostGroups.approvers)
        by = clause.by?.map(\.value) ?? [fallback]
        within = clause.within?.value ?? ApprovalsClause.defaultWithin
        wait = clause.wait?.value ?? ApprovalsClause.defaultWait
    }

    init(by: [ApprovalsClause.Approver], within: Int, wait: Int) {
        self.by = by
        self.within = within
        self.wait = wait
    }

    var callerDecides: Bool { by.contains(.caller) }

    /// As the policy writes them.
    var texts: [String] { by.map(\.text) }

    /// Names are looked up when somebody asks: who has left a group meanwhile decides nothing.
    func include(_ peer: PeerCredentials, caller: UInt32) -> Bool {
        by.contains { approver in
            switch approver {
            case .caller: peer.user == caller
            case .user(let name): Account(named: name)?.uid == peer.user
            // Whose members cannot be known has none.
            case .group(let name): (try? HostGroups.host.include(peer, in: name)) ?? false
            }
        }
    }
}

extension ApprovalsClause.Approver {
    var text: String {
        switch self {
        case .caller: "caller"
        case .group(let name): "group:\(name)"
        case .user(let name): "user:\(name)"
        }
    }

    init?(text: String) {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        switch (parts.first, parts.count) {
        case ("caller"?, 1): self = .caller
        case ("group"?, 2): self = .group(parts[1])
        case ("user"?, 2): self = .user(parts[1])
        default: return nil
        }
    }
}
