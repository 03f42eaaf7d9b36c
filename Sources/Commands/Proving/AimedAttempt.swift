import KernelPlan
import Policy

/// One attempt at one target, judged: what it is, and whether the policy permits it.
struct AimedAttempt: Sendable, Hashable {
    /// `tcp.v4`; alone where it has one target.
    let id: String
    let clause: ProvenClause
    /// What it tries, with where.
    let what: String
    /// For the prober; only `{nonce}` is left to fill in.
    let words: String
    let witness: Witness
    let isPermitted: Bool
    /// Where it is aimed; nil for what has no endpoint.
    let endpoint: ProofGround.Endpoint?
}

/// One that will not be tried, and why.
struct UntriedAttempt: Sendable, Hashable {
    let id: String
    let clause: ProvenClause
    let reason: String
}

/// What is tried against a policy on some ground: pure.
struct AttemptPlan: Sendable, Hashable {
    private(set) var tried: [AimedAttempt] = []
    private(set) var untried: [UntriedAttempt] = []

    /// `meaning` is the reference evaluator: what is permitted must work, what is not must not.
    init(_ attempts: [Attempt] = Attempt.all, against meaning: PolicyMeaning, on ground: ProofGround) {
        for attempt in attempts { add(attempt, meaning, ground) }
        for (endpoint, reason) in ground.unopened.sorted(by: { $0.key < $1.key }) {
            untried.append(UntriedAttempt(id: "tcp and udp-sendto to \(endpoint)", clause: .tcp, reason: reason))
        }
        addLimits(meaning)
    }

    private mutating func add(_ attempt: Attempt, _ meaning: PolicyMeaning, _ ground: ProofGround) {
        for place in ProofGround.places(in: attempt.words) {
            switch ground[place] {
            case .here(let value) where value.utf8.contains(UInt8(ascii: " ")):
                return leave(attempt, "a path with a space in it cannot be given to the prober")
            case .here: continue
            case .notGranted: return
            case .missing(let reason): return leave(attempt, reason)
            }
        }
        for (label, endpoint) in Self.targets(attempt.aim, ground) { aim(attempt, label, endpoint, meaning, ground) }
    }

    /// Amounts are held by the cgroup, and would have to be used up to be seen.
    private mutating func addLimits(_ meaning: PolicyMeaning) {
        let limits = [("tasks", meaning.limits.tasks), ("memory", meaning.limits.memory), ("cpu", meaning.limits.cpu)]
        for (name, value) in limits where value != nil {
            untried.append(UntriedAttempt(id: "processes.\(name)", clause: .spawn, reason: "a limit would have to be used up"))
        }
    }

    private mutating func leave(_ attempt: Attempt, _ reason: String) {
        untried.append(UntriedAttempt(id: attempt.id, clause: attempt.clause, reason: reason))
    }

    private static func targets(_ aim: Attempt.Aim, _ ground: ProofGround) -> [(String?, ProofGround.Endpoint?)] {
        switch aim {
        case .once: [(nil, nil)]
        case .receiver: ground.receivers.prefix(1).map { (nil, $0) }
        case .families: ground.receivers.prefix(2).map { ($0.label, $0) }
        case .receivers: ground.receivers.map { ($0.label, $0) }
        case .own: ground.own.map { ($0.label, $0) }
        }
    }

    private mutating func aim(
        _ attempt: Attempt, _ label: String?, _ endpoint: ProofGround.Endpoint?, _ meaning: PolicyMeaning, _ ground: ProofGround
    ) {
        let asked = attempt.asks.map { $0.operation(on: ground, at: endpoint) }
        let isPermitted = !asked.isEmpty && asked.allSatisfy(meaning.permits)
        if isPermitted, attempt.onlyForbidden { return }
        let fill = { (text: String) in
            ground.filled(text).replacing("{address}", with: endpoint.map { "\($0.address)" } ?? "").replacing(
                "{port}", with: "\(endpoint?.port ?? 0)")
        }
        let place = endpoint.map { ", \(Self.text($0))" } ?? ""
        tried.append(
            AimedAttempt(
                id: label.map { "\(attempt.id).\($0)" } ?? attempt.id, clause: attempt.clause, what: attempt.what + place,
                words: fill(attempt.words), witness: attempt.witness.filled(fill), isPermitted: isPermitted, endpoint: endpoint))
    }

    /// `127.0.0.1:40001`, `[::1]:40001`.
    static func text(_ endpoint: ProofGround.Endpoint) -> String {
        switch endpoint.address {
        case .v4: "\(endpoint.address):\(endpoint.port)"
        case .v6: "[\(endpoint.address)]:\(endpoint.port)"
        }
    }

    /// Only those of this id, or of this attempt at any target.
    func only(_ id: String?) -> AttemptPlan {
        guard let id else { return self }
        var plan = self
        let isMeant = { (own: String) in own.utf8.elementsEqual(id.utf8) || own.hasPrefix(id + ".") }
        plan.tried = tried.filter { isMeant($0.id) }
        plan.untried = untried.filter { isMeant($0.id) }
        return plan
    }

    var isEmpty: Bool { tried.isEmpty && untried.isEmpty }
}
