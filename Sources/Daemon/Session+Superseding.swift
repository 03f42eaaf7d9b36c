import ControlProtocol
import Descriptors
import EventLoop
import Evidence
import Kernel
import KernelPlan
import Layers
import PathFinding
import Policy
import PolicyText
import SessionProtocol
import StrictJSON

/// A session that runs is held to less: the gate first, then its programs, then what flows.
extension Session {
    /// On its way through the gate.
    final class Tightening {
        let superseding: Superseding
        let under: Digest?
        let number: Int64
        let cause: Reload.Cause
        let finish: (ReloadReport.Session) -> Void
        var deadline: TimerToken?

        init(
            _ superseding: Superseding, under: Digest?, number: Int64, _ cause: Reload.Cause,
            finish: @escaping (ReloadReport.Session) -> Void
        ) {
            self.superseding = superseding
            self.under = under
            self.number = number
            self.cause = cause
            self.finish = finish
        }
    }

    /// Nanoseconds that a gate has to say that it decides by what it was sent.
    static let gatePatience: UInt64 = 5_000_000_000

    func report(_ outcome: ReloadReport.Session.Outcome, tightened: [String] = [], why: [String] = []) -> ReloadReport.Session {
        ReloadReport.Session(id: id, server: serverName, outcome: outcome, tightened: tightened, why: why)
    }

    // MARK: What it is held by

    /// Keeps what the launch read, before there is a record of the session.
    func writeDocuments() throws(LaunchFailure) {
        guard let documents, daemon.custody == .daemon else { return }
        self.documents = nil
        try LaunchStep.openSpool.run("session documents") { () throws(Errno) in try documents.write(to: daemon.state.documents(id)) }
    }

    /// Whose eyes look at paths: the caller's; for root those of the session's own user.
    func finderIdentity(of documents: SessionDocuments) -> FinderIdentity {
        let caller = documents.caller
        if caller.uid == 0, let uid = users?.server { return FinderIdentity(uid: uid, gid: uid, groups: [], isChanged: true) }
        return FinderIdentity(uid: caller.uid, gid: caller.gid, groups: caller.groups, isChanged: daemon.custody == .daemon)
    }

    /// Before anything of it is done. False where it cannot be written.
    func writeDown(_ documents: SessionDocuments) -> Bool {
        (try? documents.write(to: daemon.state.documents(id))) != nil
    }

    // MARK: The gate

    /// Holds the session to less. Whatever fails ends it.
    func supersede(by superseding: Superseding, _ cause: Reload.Cause, finish: @escaping (ReloadReport.Session) -> Void) {
        do throws(LaunchFailure) {
            daemon.watch.reloads(.gate)
            _ = try daemon.keep(superseding.policyDocument)
            let under = try daemon.keep(superseding.under)
            lastTightening += 1
            let one = Tightening(superseding, under: under, number: lastTightening, cause, finish: finish)
            tightening = one
            one.deadline = daemon.loop.after(nanoseconds: Self.gatePatience) { [weak self] in
                one.deadline = nil
                self?.tighteningFailed("the gate does not say that it decides by the new documents")
            }
            if !superseding.notInPlace.isEmpty {
                guard tellSuperseded() else { return tighteningFailed("the gate cannot be told") }
                return gateIsTightened(one.number)
            }
            guard try tell(one) else { return tighteningFailed("the gate cannot be told") }
        } catch {
            if tightening == nil { tightening = Tightening(superseding, under: nil, number: 0, cause, finish: finish) }
            tighteningFailed("\(error.step.rawValue): \(error.error?.name ?? error.detail)")
        }
    }

    private func tell(_ one: Tightening) throws(LaunchFailure) -> Bool {
        let superseding = one.superseding
        let sections = GateSections(
            number: one.number, under: one.under?.hex ?? "", sections: superseding.sections,
            approvals: .init(
                callerDecides: superseding.approvers.callerDecides, within: superseding.approvers.within, wait: superseding.approvers.wait),
            keepsArguments: superseding.kernel.policy.evidence.arguments?.value == .full)
        return try LaunchStep.launchGate.run("sections") { () throws(Errno) in
            let memory = try SealedMemory.make(name: "gate-sections", bytes: sections.json.encoded())
            guard let socket = launch?.gateSocket?.borrowed else { return false }
            let message = DaemonMessage.sections(number: one.number).json.encoded()
            guard case .moved = try socket.send(message, descriptors: [memory.borrowed]) else { return false }
            return true
        }
    }

    private func tellSuperseded() -> Bool {
        guard let socket = launch?.gateSocket?.borrowed else { return false }
        guard case .moved? = try? socket.send(DaemonMessage.superseded.json.encoded()) else { return false }
        return true
    }

    /// The gate decides by it; nothing that it lets through from here on is what the new documents deny. Now the kernel.
    func gateIsTightened(_ number: Int64) {
        guard let one = tightening, one.number == number else { return violated() }
        if let deadline = one.deadline { daemon.loop.cancel(deadline) }
        one.deadline = nil
        do throws(SupersedingFailure) {
            daemon.watch.reloads(.kernel)
            // The new programs let no word of it out: while the old ones are there, the other ends learn that a flow is cut.
            var flows = try cutFlows(one.superseding)
            try tightenKernel(one.superseding)
            daemon.watch.reloads(.flows)
            // What was opened in between.
            flows += try cutFlows(one.superseding)
            daemon.watch.reloads(.record)
            try isTightened(one, flows)
        } catch {
            tighteningFailed(error.text)
        }
    }

    // MARK: The kernel

    private func tightenKernel(_ superseding: Superseding) throws(SupersedingFailure) {
        guard let scope = launch?.scope else { throw SupersedingFailure("no scope") }
        if let network = superseding.kernel.network { try tighten(network, superseding.canListen, scope) }
        guard !superseding.kernel.limits.isEmpty, superseding.notInPlace.isEmpty else { return }
        do throws(LaunchFailure) { try launch?.limits?.lower(to: superseding.kernel.limits) } catch {
            throw SupersedingFailure("\(error.detail): \(error.error?.name ?? "")")
        }
    }

    private func tighten(_ network: CgroupPlan, _ canListen: Bool, _ scope: SessionScope) throws(SupersedingFailure) {
        let pins = daemon.state.pins(id)
        if launch?.pins?.isEmpty ?? true {
            // The next daemon finds by the record what this one may not live to take down.
            launch?.pins = pins
            try rewriteRecord { $0.pins = pins }
        }
        do throws(TighteningFailure) {
            launch?.programs = try EgressPrograms.tighten(
                pins: pins, to: network, canListen: canListen, on: scope, sharing: daemon.sharedMaps)
        } catch {
            throw SupersedingFailure(error.words)
        }
    }

    /// Ends flows that the new programs let nothing of through.
    private func cutFlows(_ superseding: Superseding) throws(SupersedingFailure) -> [SessionFlows.Flow] {
        guard let network = superseding.kernel.network, let scope = launch?.scope else { return [] }
        do throws(Errno) {
            let leaf = try scope.open(.server)
            let flows = try SessionFlows(of: leaf)
            return try flows.end(forbiddenBy: network)
        } catch {
            throw SupersedingFailure("flows cannot be ended: \(error.name)")
        }
    }

    // MARK: The end of it

    private func isTightened(_ one: Tightening, _ flows: [SessionFlows.Flow]) throws(SupersedingFailure) {
        let superseding = one.superseding
        approvers = superseding.approvers
        dayBudgets = superseding.budgets
        try rewriteRecord { record in
            record.budgets = superseding.budgets
            record.held = record.held.map { .init(caller: $0.caller, client: $0.client, approvers: superseding.approvers) }
        }
        var documents = superseding.documents
        if superseding.notInPlace.isEmpty { documents.applied = documents.generations.count }
        do throws(Errno) { try documents.write(to: daemon.state.documents(id)) } catch {
            throw SupersedingFailure("what it is held by cannot be written: \(error.name)")
        }
        tightening = nil
        var body = one.cause.json
        body["event"] = "reloaded"
        body["tightened"] = .array(superseding.tightened.map(JSON.string))
        body["under"] = .string(one.under?.hex ?? "")
        if !flows.isEmpty { body["flows"] = .array(flows.prefix(64).map(\.json)) }
        guard superseding.notInPlace.isEmpty else {
            drain(superseding.notInPlace, body: body)
            return one.finish(report(.draining, tightened: superseding.tightened, why: superseding.notInPlace))
        }
        body["outcome"] = "tightened"
        record(.lifecycle, body)
        one.finish(report(.tightened, tightened: superseding.tightened))
    }

    /// Fails closed.
    private func tighteningFailed(_ why: String) {
        guard let one = tightening else { return }
        if let deadline = one.deadline { daemon.loop.cancel(deadline) }
        tightening = nil
        var body = one.cause.json
        body["event"] = "reloaded"
        body["outcome"] = "ended"
        body["why"] = [.string(why)]
        record(.lifecycle, body)
        tearDown()
        one.finish(report(.ended, why: [why]))
    }

    /// It ended before the gate had answered.
    func dropTightening() {
        guard let one = tightening else { return }
        if let deadline = one.deadline { daemon.loop.cancel(deadline) }
        tightening = nil
        one.finish(report(.ended, why: ["it ended meanwhile"]))
    }

    private func rewriteRecord(_ change: (inout SessionRecord) -> Void) throws(SupersedingFailure) {
        let path = daemon.state.record(id)
        guard let bytes = (try? WorkingDirectory().contents(of: path, limit: 65_536)).flatMap({ $0 }),
            var record = SessionRecord(bytes: bytes)
        else { throw SupersedingFailure("the session's record cannot be read") }
        change(&record)
        do throws(Errno) { try record.write(to: path) } catch { throw SupersedingFailure("the session's record cannot be written") }
    }

    // MARK: Ending

    /// Nothing new is let through, what was begun may end, and then the session does.
    func drain(_ why: [String], refusal: Refusal? = nil, _ cause: Reload.Cause) {
        var body = cause.json
        body["event"] = "reloaded"
        if let refusal { body["reasons"] = refusal.receipt }
        guard tellSuperseded() else {
            body["outcome"] = "ended"
            body["why"] = .array(why.map(JSON.string))
            record(.lifecycle, body)
            return end()
        }
        drain(why, body: body)
    }

    private func drain(_ why: [String], body: JSONObject) {
        guard !isDraining else { return }
        isDraining = true
        var body = body
        body["drain"] = JSON(daemon.drain)
        body["outcome"] = "draining"
        body["why"] = .array(why.map(JSON.string))
        record(.lifecycle, body)
        _ = daemon.loop.after(nanoseconds: UInt64(daemon.drain) * 1_000_000_000) { [weak self] in
            guard let self, phase == .running else { return }
            record(.lifecycle, ["event": "drained"])
            end()
        }
    }
}

/// Why a session could not be held to less.
struct SupersedingFailure: Error {
    let text: String

    init(_ text: String) { self.text = text }
}

extension TighteningFailure {
    fileprivate var words: String {
        switch self {
        case .notInPlace(let why): why
        case .killed(let failure), .stillRunning(let failure, _): "\(failure.step.rawValue) \(failure.detail) \(failure.error?.name ?? "")"
        }
    }
}

extension SessionFlows.Flow {
    fileprivate var json: JSON { ["local": .string(local), "remote": .string(remote), "transport": .string(transport)] }
}
