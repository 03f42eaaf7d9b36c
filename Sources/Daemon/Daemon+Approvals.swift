import ControlProtocol
import Descriptors
import EventLoop
import Evidence
import KernelPlan
import Policy
import SessionProtocol
import Store
import StrictJSON

/// The desk, and what a person's word does: a receipt first, then an answer to the gate, or a grant in the store.
extension Daemon {
    /// Of the desk's clock, which nobody sets: a question is open for as long as it says, however the host's clock is put.
    private static var now: Int64 { Int64(Clock.boottime / 1_000_000_000) }

    /// A time of the desk as the host's clock has it just now: seconds since 1970.
    /// The clocks' distance is rounded, not each clock, so that a time is the same date whenever it is asked for.
    static func date(_ seconds: Int64) -> Int64 {
        seconds + Int64((Double(Int64(Clock.realtime) - Int64(Clock.boottime)) / 1e9).rounded(.down))
    }

    // MARK: Gates

    func ask(_ call: HeldCall, _ asker: ApprovalDesk.Asker, _ waiter: ApprovalDesk.Waiter) {
        let binding = GrantBinding(
            caller: asker.caller, server: asker.server, tool: call.tool, arguments: SHA256.digest(Array(call.arguments.utf8)).hex,
            policy: asker.policy)
        let use = "\(waiter.session) \(waiter.number)"
        storeKeeper.perform(.takeGrant(for: binding, within: asker.approvers.within, use: use)) { [weak self] result in
            guard let self else { return }
            let isWaiting = sessions[waiter.session]?.awaitsAnswer(waiter.number) ?? false
            switch result {
            case .success(let grant?) where !isWaiting: storeKeeper.attempt(.releaseGrant(grant.approval, use: use))
            case .success(let grant?): answer(waiter, .granted(approval: grant.approval, by: grant.approver))
            case .success(nil): if isWaiting { hold(call, binding, asker, waiter) }
            case .failure(let error): sessions[waiter.session]?.storeFailed(error, waiter.number)
            }
        }
    }

    /// Nobody has approved it beforehand.
    private func hold(_ call: HeldCall, _ binding: GrantBinding, _ asker: ApprovalDesk.Asker, _ waiter: ApprovalDesk.Waiter) {
        let id = ApprovalDesk.id(SecureRandom.bytes(10))
        switch desk.ask(call, binding, asker, waiter, id: id, now: Self.now) {
        case .held(let approval):
            answer(waiter, .held(approval: approval))
            expireLater()
            if approval == id { announce(approval) }
        case .denied(let approval, let denial): answer(waiter, .denied(approval: approval, by: denial.by, why: denial.why))
        case .tooMany: answer(waiter, .failed("too many calls wait for a decision"))
        }
    }

    /// Somebody new waits.
    private func announce(_ approval: String) {
        guard let entry = desk.entry(approval, now: Self.now) else { return }
        tellWatchers(.held, entry)
        notifier?.notify(approval)
    }

    func withdraw(_ waiter: ApprovalDesk.Waiter) { remove(waiter, desk.withdraw(waiter), .withdrawn) }

    /// Approved in the client's window; the gate's own receipt says so.
    func accept(_ waiter: ApprovalDesk.Waiter) { remove(waiter, desk.accept(waiter), .granted) }

    private func remove(
        _ waiter: ApprovalDesk.Waiter, _ gone: (entry: ApprovalDesk.Entry?, stored: String?), _ event: ApprovalEvent
    ) {
        if let entry = gone.entry { tellWatchers(event, entry) }
        if let approval = gone.stored { storeKeeper.attempt(.revokeGrant(approval)) }
    }

    func detach(_ waiter: ApprovalDesk.Waiter) {
        if let late = desk.detach(waiter) { storeKeeper.attempt(keeping(late.grant, for: late.entry)) }
    }

    /// A session is over.
    func leaveDesk(_ session: Session) {
        for entry in desk.leave(session: session.id) { tellWatchers(.withdrawn, entry) }
    }

    private func answer(_ waiter: ApprovalDesk.Waiter, _ answer: DaemonAnswer) {
        sessions[waiter.session]?.answerGate(waiter.number, answer)
    }

    private func keeping(_ grant: Store.Grant, for entry: ApprovalDesk.Entry) -> Transaction<Void> {
        .keep(grant, for: entry.binding, seconds: entry.asker.approvers.within)
    }

    // MARK: Time

    private func expireLater() {
        guard let next = desk.nextExpiry, deskTimer.map({ next < $0.due }) ?? true else { return }
        if let later = deskTimer { loop.cancel(later.token) }
        let wait = UInt64(max(1, next - Self.now)) * 1_000_000_000
        deskTimer = (loop.after(nanoseconds: wait) { [weak self] in self?.expireDesk() }, next)
    }

    private func expireDesk() {
        deskTimer = nil
        for entry in desk.expire(now: Self.now) where entry.denial == nil {
            recordDecision(.hold, entry, ["outcome": "expired"])
            if entry.waits { answer(entry.origin, .expired(approval: entry.id)) }
            tellWatchers(.expired, entry)
        }
        expireLater()
    }

    // MARK: People

    func answerApprovals(
        _ connection: ControlConnection, _ method: ControlInterface.Method, _ call: borrowing ControlCall, _ peer: Peer
    ) {
        do throws(ControlError) {
            switch method {
            case .listApprovals: connection.reply(ControlMessage(try list(call, peer)))
            case .showApproval: connection.reply(ControlMessage(try show(call, peer)))
            case .approve: try approve(connection, call, peer)
            case .deny: connection.reply(ControlMessage(try deny(call, peer)))
            case .watchApprovals: try watch(connection, call, peer)
            default: throw .methodNotFound(method.rawValue)
            }
        } catch {
            connection.fail(error)
        }
    }

    private func list(_ call: borrowing ControlCall, _ peer: Peer) throws(ControlError) -> JSONObject {
        try ApprovalParameters.requireNone(call)
        var listed: [JSON] = []
        var bytes = 0, omitted = 0
        for entry in desk.open(now: Self.now) where mayShow(entry, peer) {
            let json = summary(entry, peer).json
            bytes += json.encoded().count + 1
            if bytes < ControlLimits.messageBytes - 1_024 { listed.append(json) } else { omitted += 1 }
        }
        return ["approvals": .array(listed), "omitted": JSON(omitted)]
    }

    private func show(_ call: borrowing ControlCall, _ peer: Peer) throws(ControlError) -> JSONObject {
        let entry = try shown(try ApprovalParameters(call, reason: false).approval, peer)
        return [
            "approval": summary(entry, peer).json, "arguments": .string(entry.call.arguments),
            "lastApproved": desk.lastApproved(like: entry).map(JSON.string) ?? .null,
        ]
    }

    private func approve(_ connection: ControlConnection, _ call: borrowing ControlCall, _ peer: Peer) throws(ControlError) {
        let entry = try decidable(try ApprovalParameters(call, reason: false).approval, peer)
        let grant = Store.Grant(approval: entry.id, approver: Self.words(peer))
        try requireRecord(.grant, entry, ["approver": Self.facts(peer)])
        guard !entry.waits else { return approved(entry, by: grant.approver, connection) }
        desk.beginKeeping(entry)
        storeKeeper.perform(keeping(grant, for: entry)) { [weak self] result in self?.kept(grant, for: entry, result, connection) }
    }

    /// The grant of a call that does not wait any more is in the store, or is not.
    private func kept(
        _ grant: Store.Grant, for entry: ApprovalDesk.Entry, _ result: Result<Void, StoreError>, _ connection: ControlConnection
    ) {
        let isOnDesk = desk.endKeeping(entry)
        switch result {
        case .failure(let error): connection.fail(.notPermitted(problem: "the grant cannot be kept: \(error.text)"))
        case .success where isOnDesk: approved(entry, by: grant.approver, connection)
        case .success:
            // Its gate has withdrawn it meanwhile.
            storeKeeper.attempt(.revokeGrant(grant.approval))
            connection.fail(.noSuchApproval(entry.id))
        }
    }

    private func approved(_ entry: ApprovalDesk.Entry, by approver: String, _ connection: ControlConnection) {
        desk.approve(entry, by: approver)
        if entry.waits { answer(entry.origin, .granted(approval: entry.id, by: approver)) }
        tellWatchers(.granted, entry)
        connection.reply(ControlMessage(Self.decided(entry)))
    }

    private func deny(_ call: borrowing ControlCall, _ peer: Peer) throws(ControlError) -> JSONObject {
        let parameters = try ApprovalParameters(call, reason: true)
        let entry = try decidable(parameters.approval, peer)
        let denial = ApprovalDesk.Denial(by: Self.words(peer), why: parameters.reason)
        try requireRecord(
            .hold, entry, ["approver": Self.facts(peer), "outcome": "denied", "reason": denial.why.map(JSON.string) ?? .null])
        desk.deny(entry, denial)
        if entry.waits { answer(entry.origin, .denied(approval: entry.id, by: denial.by, why: denial.why)) }
        tellWatchers(.denied, entry)
        return Self.decided(entry)
    }

    private static func decided(_ entry: ApprovalDesk.Entry) -> JSONObject {
        ["waits": .bool(entry.waits), "message": entry.call.message.map { .string($0.rawValue) } ?? .null]
    }

    // MARK: Who

    /// Who may see everything decides no more for that.
    private func mayShow(_ entry: ApprovalDesk.Entry, _ peer: Peer) -> Bool { mayShow(entry, peer, peer.reach) }

    private func mayShow(_ entry: ApprovalDesk.Entry, _ peer: Peer, _ reach: Rights.Reach) -> Bool {
        reach == .all || peer.user == entry.asker.caller || reach >= .named && mayDecide(entry, peer)
    }

    private func mayDecide(_ entry: ApprovalDesk.Entry, _ peer: Peer) -> Bool {
        entry.asker.approvers.include(peer.credentials, caller: entry.asker.caller)
    }

    /// Who may not see it does not learn that it is there.
    private func shown(_ id: String, _ peer: Peer) throws(ControlError) -> ApprovalDesk.Entry {
        let reach = try peer.reach(to: .showApproval)
        guard let entry = desk.entry(id, now: Self.now), mayShow(entry, peer, reach) else { throw .noSuchApproval(id) }
        return entry
    }

    private func decidable(_ id: String, _ peer: Peer) throws(ControlError) -> ApprovalDesk.Entry {
        let entry = try shown(id, peer)
        guard mayDecide(entry, peer) else {
            throw .notPermitted(
                problem:
                    "about this \(entry.call.message == nil ? "call" : "message") decides: \(entry.asker.approvers.texts.joined(separator: ", "))"
            )
        }
        guard !entry.isKept else { throw .notPermitted(problem: "somebody is deciding about it just now") }
        return entry
    }

    func summary(_ entry: ApprovalDesk.Entry, _ peer: Peer) -> ApprovalSummary {
        ApprovalSummary(
            id: entry.id, session: entry.origin.session, server: entry.asker.server, tool: entry.call.tool,
            message: entry.call.message?.rawValue, policy: entry.asker.policy, rule: entry.call.rule, layer: entry.call.layer,
            reason: entry.call.reason, caller: entry.asker.caller,
            client: entry.asker.client.map { ApprovalSummary.Client(pid: $0.pid, executable: $0.executable) },
            asked: Self.date(entry.asked), expires: Self.date(entry.expires), waits: entry.waits, by: entry.asker.approvers.texts,
            mayDecide: mayDecide(entry, peer))
    }

    /// For the model, people and receipts of gates.
    private static func words(_ peer: Peer) -> String {
        Account(uid: peer.user).map { "\($0.name) (uid \(peer.user))" } ?? "uid \(peer.user)"
    }

    private static func facts(_ peer: Peer) -> JSON { ["pid": JSON(Int(peer.process)), "uid": JSON(Int(peer.user))] }

    // MARK: Evidence

    @discardableResult
    private func recordDecision(_ kind: ReceiptKind, _ entry: ApprovalDesk.Entry, _ more: JSONObject) -> Bool {
        var body = more
        body["approval"] = .string(entry.id)
        body[entry.call.message == nil ? "tool" : "method"] = .string(entry.call.tool)
        body["rule"] = .string(entry.call.rule)
        if let layer = entry.call.layer { body["layer"] = .string(layer) }
        body["server"] = .string(entry.asker.server)
        let facts =
            sessions[entry.origin.session]?.facts ?? SessionFacts(session: entry.origin.session, policy: Digest(hex: entry.asker.policy))
        return record(kind, body, facts)
    }

    /// What nobody could read later is not done.
    private func requireRecord(_ kind: ReceiptKind, _ entry: ApprovalDesk.Entry, _ more: JSONObject) throws(ControlError) {
        guard recordDecision(kind, entry, more) else { throw .notPermitted(problem: "the decision cannot be recorded") }
    }

    // MARK: Watchers

    private func watch(_ connection: ControlConnection, _ call: borrowing ControlCall, _ peer: Peer) throws(ControlError) {
        try ApprovalParameters.requireNone(call)
        guard call.wantsMore else { throw .expectedMore }
        guard CallerCounts.mayWatch(watchers.values.count { $0.peer.user == peer.user }, peer.user) else {
            throw .notPermitted(problem: "this user watches \(CallerCounts.watchers) times already")
        }
        watchers[ObjectIdentifier(connection)] = ApprovalWatcher(connection: connection, peer: peer)
        connection.replyAndGoOn(ControlMessage(["event": "watching", "approval": .null]))
        for entry in desk.open(now: Self.now) where mayShow(entry, peer) { tell(connection, .held, entry, peer) }
    }

    private func tellWatchers(_ event: ApprovalEvent, _ entry: ApprovalDesk.Entry) {
        for watcher in watchers.values where mayShow(entry, watcher.peer) { tell(watcher.connection, event, entry, watcher.peer) }
    }

    private func tell(_ connection: ControlConnection, _ event: ApprovalEvent, _ entry: ApprovalDesk.Entry, _ peer: Peer) {
        connection.replyAndGoOn(ControlMessage(["event": .string(event.rawValue), "approval": summary(entry, peer).json]))
    }
}

/// Who wants to hear what happens on the desk.
struct ApprovalWatcher {
    let connection: ControlConnection
    let peer: Peer
}
