import Glibc
import KernelPlan
import Policy

/// Whether somebody on this host could answer what a policy asks.
struct ApproverSearch {
    /// Where a host's daemon serves everybody and the policy does not say.
    static let defaultGroup = "sandboxd-approvers"

    private let calls: Bool
    /// What servers ask clients for.
    private let messages: Bool
    private let by: [ApprovalsClause.Approver]
    private let custody: Custody

    init(_ policy: Policy, _ layers: [Layer], _ custody: Custody) {
        calls = policy.tools.asks || layers.contains { $0.clauses.tools.asks }
        messages = policy.messages.asks || layers.contains { $0.clauses.messages.asks }
        by = policy.approvals.by?.map(\.value) ?? [custody == .user ? .caller : .group(Self.defaultGroup)]
        self.custody = custody
    }

    /// At most one.
    var notes: [String] {
        guard calls || messages else { return [] }
        let problems = by.map(problem)
        guard problems.allSatisfy({ $0 != nil }) else { return [] }
        return [
            "nobody here could answer what it asks: \(Explanation.list(problems.compactMap(\.self))); \(consequence)"
        ]
    }

    private var consequence: String {
        let made = calls ? "such calls wait, and are not made" : ""
        let passed = messages ? "what the server asks the client for waits, and is not passed on" : ""
        return [made, passed].filter { !$0.isEmpty }.joined(separator: "; ")
    }

    /// Why it is nobody.
    private func problem(_ approver: ApprovalsClause.Approver) -> String? {
        switch approver {
        case .caller: nil
        case .user(let name): problem(ofUser: name)
        case .group(let name): problem(ofGroup: name)
        }
    }

    private func problem(ofUser name: String) -> String? {
        guard let entry = getpwnam(name) else { return "there is no user \(Escaping.quoted(name))" }
        let isElsewhere = custody == .user && entry.pointee.pw_uid != geteuid()
        return isElsewhere ? "the user \(Escaping.quoted(name)) does not reach a private daemon of yours" : nil
    }

    private func problem(ofGroup name: String) -> String? {
        guard let entry = getgrnam(name) else { return "there is no group \(Escaping.quoted(name))" }
        let group = entry.pointee.gr_gid
        // Once it has entered namespaces for its session, it sees the first group of a process and no other.
        if custody == .user {
            return getegid() == group ? nil : "a private daemon sees your first group, and that is not \(Escaping.quoted(name))"
        }
        let hasMembers = entry.pointee.gr_mem.pointee != nil
        return hasMembers || Self.isPrimary(group) ? nil : "the group \(Escaping.quoted(name)) has no members"
    }

    /// Whether it is the first group of somebody (getpwent(3)).
    private static func isPrimary(_ group: gid_t) -> Bool {
        setpwent()
        defer { endpwent() }
        while let entry = getpwent() { if entry.pointee.pw_gid == group { return true } }
        return false
    }
}
