import ControlProtocol
import Descriptors
import Evidence
import Glibc
import Kernel
import KernelPlan
import Layers
import Policy
import SessionProtocol
import Store
import StrictJSON

/// The receipts that the daemon itself states of a session.
extension Session {
    /// Appends a receipt; false when the log did not take it.
    @discardableResult
    func record(_ kind: ReceiptKind, _ body: JSONObject) -> Bool { daemon.record(kind, body, facts) }

    // MARK: The spool

    /// Much waits there. More often than the spool grows nobody needs to ask.
    func foldAhead() {
        foldsAsked += 1
        let size = (try? WorkingDirectory().status(of: daemon.state.spool(id)).size) ?? 0
        guard foldsAsked <= size / Spool.announcedLead + 1 else { return violated() }
        daemon.fold(self, isOver: false)
    }

    /// Lets the gate know how much of the spool is in the log, so that it does not block for what is there already. A gate whose socket is full is told
    /// later.
    func tellFolded() {
        guard let socket = launch?.gateSocket?.borrowed, !awaitsResumption, let offset = folder?.offset,
            offset - toldFolded >= Self.foldedStep
        else { return }
        if case .moved? = try? socket.send(DaemonMessage.folded(bytes: offset).json.encoded()) { toldFolded = offset }
    }

    private static let foldedStep = 1 << 20

    func refusalBody(_ refusal: Refusal) -> JSONObject {
        var body = clientBody()
        if checks { body["stage"] = .string(RefusedPolicy.Stage.check.rawValue) }
        body["reasons"] = refusal.receipt
        return body
    }

    /// What was observed of whoever asked.
    func clientBody() -> JSONObject {
        guard let observedClient else { return ["server": .string(serverName)] }
        guard let served else { return ["client": observedClient.json, "server": .string(serverName)] }
        return ["client": served.json, "server": .string(serverName), "service": observedClient.json]
    }

    /// Before the server is released: what it is, who it is, and what the self-test saw. Arguments may hold secrets: what looks like one is masked.
    func launchBody() -> JSONObject {
        var body = clientBody()
        body["outcome"] = "released"
        if let layers = texts?.layers, !layers.entries.isEmpty { body["layers"] = layers.json }
        program?.describe(in: &body)
        if observes { body["observed"] = "by the caller" }
        if let prober { body["proof"] = .string(prober.path) }
        if let plan {
            body["kernelDenials"] = [
                "absent": .array(plan.unobservedDenials.map { .string($0) }), "observed": .array(plan.observedDenials.map { .string($0) }),
            ]
            let identity = identity(of: plan.user)
            body["user"] = ["kind": .string(plan.user.kind), "uid": JSON(Int(identity.uid))]
            body["selfTest"] = [
                "asPlanned": JSON(trials.filter { !$0.isUntried }.count),
                "untried": .array(untried(plan).map { .string($0) }),
            ]
        }
        return body
    }

    /// What could not be tried, and what is not: to go beyond a limit takes time and memory of the host; it stands as written, which was read back.
    private func untried(_ plan: KernelPlan) -> [String] {
        let trials = trials.filter { $0.isUntried && plan.trials.indices.contains($0.index) }.map { plan.trials[$0.index].text }
        return trials + plan.limits.controllers.map { "beyond the limit of \($0)" }
    }

    func exitBody() -> JSONObject {
        guard let ending else { return ["first": "unknown", "server": "unknown", "gate": "unknown"] }
        var body: JSONObject = JSONObject([
            ("first", .string(ending.first.text)), ("server", .string(ending.server.text)), ("gate", .string(ending.gate.text)),
        ])
        if ending.proxy != .neverStarted { body["proxy"] = .string(ending.proxy.text) }
        if let reached = launch?.limits?.reached().since(launch?.reachedBefore ?? LimitsReached()), !reached.isEmpty {
            body["limitsReached"] = .object(reached.json)
            // Observed are the signal and that the kernel killed for want of memory, not that it was the one for the other.
            let isKilled = ending.first == .server && ending.server == .killed(signal: SIGKILL)
            if isKilled, reached.memory > 0 { body["cause"] = "memory limit reached (inferred)" }
        }
        if ending.step != 0 { body["step"] = .string("\(ChildStep.name(ending.step)): \(ending.error.name)") }
        return body
    }
}

extension Refusal {
    /// What a receipt says of it.
    var receipt: JSON {
        .array(
            reasons.all.map { reason in
                var object = JSONObject([("code", .string(reason.code.rawValue))])
                if let place = reason.location {
                    object["file"] = .string(place.file)
                    object["line"] = JSON(place.line)
                    object["column"] = JSON(place.column)
                }
                object["facts"] = .object(JSONObject(reason.facts.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
                return .object(object)
            })
    }
}

extension TrialResult {
    fileprivate var isUntried: Bool {
        if case .untried = outcome { true } else { false }
    }
}

extension LimitsReached {
    /// Only those that were reached.
    fileprivate var json: JSONObject {
        JSONObject([("tasks", tasks), ("memory", memory), ("cpu", cpu)].filter { $0.1 > 0 }.map { ($0.0, JSON($0.1)) })
    }
}

extension ProcessEnding {
    /// `exited N`, `signal N`, or that it never started.
    var text: String {
        switch self {
        case .neverStarted: "never started"
        case .exited(let status): "exited \(status)"
        case .killed(let signal): "signal \(signal)"
        case .unknown: "unknown"
        }
    }
}
