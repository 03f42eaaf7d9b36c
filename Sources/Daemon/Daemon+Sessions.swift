import ControlProtocol
import Descriptors
import Evidence
import Glibc
import Kernel
import KernelPlan
import Store
import StrictJSON

/// Which sessions there are, over the control API.
extension Daemon {
    func answerSessions(
        _ connection: ControlConnection, _ method: ControlInterface.Method, _ call: borrowing ControlCall, _ peer: Peer
    ) {
        do throws(ControlError) {
            switch method {
            case .listSessions: try listSessions(connection, call, peer)
            case .showSession: try showSession(connection, call, peer)
            default: try killSession(connection, call, peer)
            }
        } catch {
            connection.fail(error)
        }
    }

    private func listSessions(_ connection: ControlConnection, _ call: borrowing ControlCall, _ peer: Peer) throws(ControlError) {
        try ApprovalParameters.requireNone(call)
        let shown = sessions.values.filter { peer.reaches($0.caller.uid) }.sorted { $0.id < $1.id }
        connection.reply(SessionList(shown.compactMap(\.summary), custody: custody, process: getpid()).encode())
    }

    private func showSession(_ connection: ControlConnection, _ call: borrowing ControlCall, _ peer: Peer) throws(ControlError) {
        let session = try found(try SessionParameters(call, reason: false).session, peer.reach, peer)
        guard let summary = session.summary else { throw .noSuchSession(session.id) }
        guard !session.dayBudgets.isEmpty else { return reply(connection, summary, session, budgets: []) }
        storeKeeper.perform(.spentBudgets(of: session.caller.uid)) { [weak self] result in
            let spent = try? result.get().filter { session.dayBudgets.charges($0.budget) }.map { BudgetSummary($0) }
            self?.reply(connection, summary, session, budgets: spent)
        }
    }

    private func reply(_ connection: ControlConnection, _ summary: SessionSummary, _ session: Session, budgets: [BudgetSummary]?) {
        connection.reply(ControlMessage(["session": summary.json, "facts": session.details(budgets).json]))
    }

    /// Ended is ended: also where the log takes no receipt, which the answer says. Answered when it is over.
    private func killSession(_ connection: ControlConnection, _ call: borrowing ControlCall, _ peer: Peer) throws(ControlError) {
        let parameters = try SessionParameters(call, reason: true)
        // Who may see it, and may not end it, is told so.
        let session = try found(parameters.session, try peer.reach(to: .showSession), peer)
        guard peer.reaches(session.caller.uid) else { throw .notPermitted(problem: "only root ends the sessions of others") }
        session.kill(by: peer, reason: parameters.reason) { isRecorded in
            connection.reply(ControlMessage(["recorded": .bool(isRecorded)]))
        }
    }

    /// Who may not see it does not learn that it is there.
    private func found(_ id: String, _ reach: Rights.Reach, _ peer: Peer) throws(ControlError) -> Session {
        guard let session = sessions[id], session.phase != .closed, reach == .all || session.caller.uid == peer.user else {
            throw .noSuchSession(id)
        }
        return session
    }
}

extension Session {
    /// `nil` once it is over, and for what is only checked.
    var summary: SessionSummary? {
        guard let state = phase.state, !checks else { return nil }
        let client = client.map { ApprovalSummary.Client(pid: $0.pid, executable: $0.executable) }
        let tally = tally
        return SessionSummary(
            id: id, server: serverName, caller: caller.uid, client: client, state: state, since: outline.since,
            decisions: DecisionCounts(forward: tally.forwarded, hold: tally.held, block: tally.blocked),
            waiting: Int64(daemon.desk.waiting(in: id).count), denials: tally.kernelDenials)
    }

    /// What its receipts come to.
    var tally: SpoolTally { folder?.tally ?? SpoolTally() }

    fileprivate func details(_ budgets: [BudgetSummary]?) -> SessionDetails {
        let tally = tally
        return SessionDetails(
            policyName: outline.policyName, policy: facts.policy?.hex, plan: facts.plan?.hex, host: facts.host?.hex, uid: outline.uid,
            blocks: tally.blocks, kernel: tally.kernel, lost: lostDenials, approvals: daemon.desk.waiting(in: id).map(\.id),
            budgets: budgets, mechanisms: outline.mechanisms.map(\.rawValue), isAdopted: isAdopted)
    }

    /// What the programs had no room to tell of; nil without programs.
    var lostDenials: Int64? { (try? denialMaps?.counts()).map { Int64(clamping: $0.lost) } }

    var denialSummaries: [DenialSummary] {
        tally.denials.reversed().map { one in
            DenialSummary(
                time: Int64(one.time / 1_000_000_000), session: id, server: serverName, by: one.isKernels ? .kernel : .gate, what: one.what,
                reason: one.reason, rule: one.rule)
        }
    }

    // MARK: Ending

    /// Somebody who may ends it, through its keeper. `over` is called when it is, with whether a receipt says who did.
    fileprivate func kill(by peer: Peer, reason: String?, over: @escaping (Bool) -> Void) {
        var body: JSONObject = ["by": ["pid": JSON(Int(peer.process)), "uid": JSON(Int(peer.user))], "event": "killed"]
        body["reason"] = reason.map(JSON.string) ?? .null
        body["server"] = .string(serverName)
        let isRecorded = record(.lifecycle, body)
        onClose.append { over(isRecorded) }
        guard let step = phase.step else { return end() }
        fail(LaunchFailure(step, nil, "the session was ended by uid \(peer.user)"))
    }
}

extension Session.Phase {
    var state: SessionSummary.State? {
        switch self {
        case .findingPaths, .launchingGate, .awaitingGate, .testing, .launchingServer, .launchingProxy, .sealing: .starting
        case .running: .running
        case .ending: .ending
        case .closed: nil
        }
    }
}
