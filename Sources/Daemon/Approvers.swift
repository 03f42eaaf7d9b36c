import Descriptors
import Glibc
import KernelPlan
import Policy

/// Who may decide about a session's calls, and for how long.
struct Approvers: Sendable, Hashable {
    /// Where a host's daemon serves everybody and the policy does not say.
    static let defaultGroup = "sandboxd-approvers"

    let by: [ApprovalsClause.Approver]
    /// Seconds that a question can be answered, and a grant be used.
    let within: Int
    /// Seconds that a call waits in line.
    let wait: Int

    init(_ clause: ApprovalsClause, _ custody: HostCustody) {
        let fallback: ApprovalsClause.Approver = custody == .user ? .caller : .group(Self.defaultGroup)
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
            case .group(let name): Self.group(named: name).map { $0 == peer.group || peer.groups.contains($0) } ?? false
            }
        }
    }

    /// getgrnam_r(3); `nil` for a name that no group has.
    private static func group(named name: String) -> UInt32? {
        var entry = Glibc.group()
        var found: UnsafeMutablePointer<Glibc.group>?
        var buffer = [CChar](repeating: 0, count: 65_536)
        guard getgrnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        return entry.gr_gid
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
