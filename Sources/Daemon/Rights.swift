import ControlProtocol
import KernelPlan

/// How far the right of each role goes for one method of the control API. `Rights.to` is the one table from which the daemon answers.
///
/// A peer may have several roles; the one that reaches farthest counts. What a role adds nothing to says `nothing`.
struct Rights: Sendable, Hashable {
    /// Who a peer is.
    enum Role: String, Sendable, Hashable, CaseIterable {
        /// Whoever reaches the socket of the system's daemon.
        case anybody
        /// Of the group `sandboxd-users`; where the host has no such group, whoever reaches the socket.
        case user
        /// Of the group `sandboxd-approvers`.
        case approver
        /// Of the group `sandboxd-auditors`: reads everything, says what it has looked at, and decides nothing.
        case auditor
        case root
        /// Of a private daemon: its own user, whom alone it answers.
        case owner
    }

    /// Whose things.
    enum Reach: Int, Sendable, Hashable, CaseIterable, Comparable {
        case nothing
        /// The peer's own: what runs for it, and what is kept of that. Of what is nobody's: it may.
        case own
        /// The same, and what a policy names the peer to decide about.
        case named
        case all

        static func < (left: Reach, right: Reach) -> Bool { left.rawValue < right.rawValue }
    }

    let anybody: Reach
    let user: Reach
    let approver: Reach
    let auditor: Reach
    let root: Reach
    let owner: Reach

    private init(
        anybody: Reach = .nothing, user: Reach = .nothing, approver: Reach = .nothing, auditor: Reach = .nothing, root: Reach, owner: Reach
    ) {
        self.anybody = anybody
        self.user = user
        self.approver = approver
        self.auditor = auditor
        self.root = root
        self.owner = owner
    }

    subscript(role: Role) -> Reach {
        switch role {
        case .anybody: anybody
        case .user: user
        case .approver: approver
        case .auditor: auditor
        case .root: root
        case .owner: owner
        }
    }
}

extension Rights {
    /// The table. Whoever adds a method says here who may call it.
    static func to(_ method: ControlInterface.Method) -> Rights {
        switch method {
        // What is said of a prepared package is recorded as said, by whoever may have sessions that start it.
        case .recordPreparation: Rights(user: .own, root: .all, owner: .own)
        // A session is for whoever asks; root alone names another user.
        case .wrap: Rights(user: .own, root: .all, owner: .own)
        // Judged as for a launch, by what a launch takes.
        case .check: Rights(user: .own, root: .all, owner: .own)
        // Facts of the host, of this daemon and its log, and of sessions no more than the peer may see.
        case .hostProfile, .describeLog, .status: Rights(anybody: .own, auditor: .all, root: .all, owner: .own)
        case .listSessions, .showSession: Rights(anybody: .own, auditor: .all, root: .all, owner: .own)
        case .killSession: Rights(anybody: .own, root: .all, owner: .own)
        // Whom the policy names decides, and whoever asked sees what waits. Root and auditors see all, and decide no more for that.
        case .listApprovals, .showApproval, .watchApprovals:
            Rights(anybody: .named, approver: .named, auditor: .all, root: .all, owner: .named)
        case .approve, .deny: Rights(anybody: .named, approver: .named, root: .named, owner: .named)
        // The log is evidence about those whose sessions it tells of: root alone changes what is kept besides. A private one's session runs.
        case .eraseContent: Rights(root: .all, owner: .nothing)
        case .rotateKey: Rights(root: .all, owner: .own)
        // It tells of everybody; whoever audits reads it, and changes nothing.
        case .listLog, .readLog: Rights(auditor: .all, root: .all, owner: .own)
        // Whoever could hold sessions to other documents could end those of everybody. A private daemon's session has those that it began with.
        case .reload: Rights(root: .all, owner: .nothing)
        case .listBudgets: Rights(anybody: .own, auditor: .all, root: .all, owner: .own)
        // Whoever could start a budget anew could spend without end.
        case .resetBudgets: Rights(root: .all, owner: .own)
        case .listPins, .showPin: Rights(anybody: .own, auditor: .all, root: .all, owner: .own)
        // Whoever is refused may say something to it; that somebody has looked is for others to say. Neither permits anything.
        case .listRefusals, .showRefusal, .noteRefusal: Rights(anybody: .own, auditor: .all, root: .all, owner: .own)
        case .closeRefusal: Rights(auditor: .all, root: .all, owner: .own)
        // Pins guard whoever runs the client.
        case .acceptPin, .rejectPin: Rights(anybody: .own, root: .all, owner: .own)
        }
    }

    /// What to say to whom it gives nothing.
    static func refusal(of method: ControlInterface.Method, keptBy custody: HostCustody) -> String {
        switch method {
        case .wrap: "only members of the group `\(HostGroups.users)` may start sessions"
        case .check: "only members of the group `\(HostGroups.users)` have policies judged by sandboxd"
        case .recordPreparation: "only members of the group `\(HostGroups.users)` have what they prepare recorded"
        case .closeRefusal: "refusals are closed by root and by members of the group `\(HostGroups.auditors)`"
        case .eraseContent where custody == .user: "a private sandboxd's session is not over; name the log of one that is with --log"
        case .eraseContent: "only root erases what the system's sandboxd keeps"
        case .listLog, .readLog: "the log is read by root and by members of the group `\(HostGroups.auditors)`"
        case .rotateKey: "only root exchanges the key of the log that the system's sandboxd keeps"
        case .reload where custody == .user: "a private sandboxd does not reload: its session is held to the layers that it began with"
        case .reload: "only root reloads policies and layers"
        case .resetBudgets: "only root starts budgets anew that the system's sandboxd keeps"
        case .hostProfile, .describeLog, .status, .listSessions, .showSession, .killSession, .listApprovals, .showApproval, .watchApprovals,
            .approve, .deny, .listBudgets, .listPins, .showPin, .acceptPin, .rejectPin, .listRefusals, .showRefusal, .noteRefusal:
            "this is not for this user"
        }
    }
}
