import ControlProtocol
import EventLoop
import Evidence
import Kernel
import KernelPlan
import Layers
import PathFinding
import Policy
import PolicyText
import StrictJSON

/// One reload, from the documents on the disk to the sessions that are held to them: read all, decide all, write down all that is to be done, and
/// then do it. Until all is decided nothing is changed.
final class Reload {
    /// Why it happens.
    enum Cause: Sendable, Hashable {
        case asked(by: UInt32)
        case signal
        /// These sessions were started by an earlier daemon, which may have died in the middle of a reload.
        case adopted([String])

        var json: JSONObject {
            switch self {
            case .asked(let uid): ["by": "control", "uid": JSON(Int(uid))]
            case .signal: ["by": "signal"]
            case .adopted: ["by": "adopting"]
            }
        }
    }

    typealias Finish = (Result<ReloadReport, Refusal>) -> Void

    private unowned let daemon: Daemon
    let cause: Cause
    private let isDry: Bool
    private let finish: Finish
    /// Nil where they cannot be read: then only what an earlier daemon had begun is brought to its end.
    private var layers: HostLayers?
    /// By name; nil for one that is gone.
    private var policies: [String: PolicyDirectory.Texts?] = [:]
    private var refusal: Refusal?
    private var undecided: [Session] = []
    private var deciding: [String: SessionDeciding] = [:]
    private var decided: [(session: Session, superseding: Superseding)] = []
    private var reports: [ReloadReport.Session] = []
    /// Of which nobody can say what they may still do: nothing new, and soon nothing.
    private var hopeless: [(session: Session, why: String, refusal: Refusal?)] = []
    private var applying = 0
    /// What each session is known by once it is held to what was read.
    private var keys: [String: HeldKey] = [:]
    private var isScheduled = false
    private var isOver = false

    /// Sessions that are looked at together: each may have a path finder of its own.
    private static let atOnce = 16

    /// Nobody asked for it.
    var isOfAdopting: Bool { if case .adopted = cause { true } else { false } }

    init(_ daemon: Daemon, _ cause: Cause, isDry: Bool, finish: @escaping Finish) {
        self.daemon = daemon
        self.cause = cause
        self.isDry = isDry
        self.finish = finish
    }

    /// Calls `finish` once, from here or from the loop.
    func begin() {
        let sessions = targets
        do throws(Refusal) { try read(sessions) } catch {
            daemon.recordRefused(error, cause, isDry: isDry)
            guard case .adopted = cause else { return finish(.failure(error)) }
            refusal = error
        }
        if !isDry, refusal == nil { failLaunches() }
        undecided = sessions.reversed()
        decideSoon()
    }

    private var targets: [Session] {
        let running = daemon.sessions.values.filter { $0.phase == .running && !$0.isDraining }
        if case .adopted(let ids) = cause { return running.filter { ids.contains($0.id) } }
        return running.sorted { $0.id < $1.id }
    }

    // MARK: Reading

    /// Throws every reason against one of the documents.
    private func read(_ sessions: [Session]) throws(Refusal) {
        var reasons: [Reason] = []
        do throws(Refusal) { layers = try HostLayers(try daemon.layers.sources()) } catch { reasons += error.reasons.all }
        for name in Set(sessions.compactMap(managed(by:))).sorted() {
            do throws(Refusal) {
                let texts = try daemon.policies.texts(of: name)
                policies[name] = .some(texts)
                if let texts { try Self.check(texts) }
            } catch {
                reasons += error.reasons.all
            }
        }
        if !reasons.isEmpty { layers = nil }
        try Refusal.check(reasons)
    }

    private func managed(by session: Session) -> String? {
        session.heldKey.map(\.managed) ?? SessionDocuments.read(daemon.state.documents(session.id))?.managed
    }

    private static func check(_ texts: PolicyDirectory.Texts) throws(Refusal) {
        _ = try PolicyText.parse(
            texts.policy, includes: Dictionary(texts.includes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first }))
    }

    /// What would be started by documents that are no longer those on the disk is not started.
    private func failLaunches() {
        for session in daemon.sessions.values where session.phase.step != nil {
            guard let key = session.heldKey, digest(for: key) != key.digest else { continue }
            session.fail(LaunchFailure(.recordLaunch, nil, "policies or layers were reloaded meanwhile: start it again"))
        }
    }

    /// Of what a session of this policy and account would be held by if it began now, as far as that can change; nil where its policy is gone.
    private func digest(for key: HeldKey) -> Digest? {
        guard let layers else { return nil }
        let applying = layers.applying(toPolicy: key.policy, user: key.account).sources
        guard let managed = key.managed else { return HeldKey.digest(nil, applying) }
        return texts(of: managed).map { HeldKey.digest($0, applying) }
    }

    private func texts(of managed: String) -> PolicyDirectory.Texts? {
        if let known = policies[managed] { return known }
        let texts = (try? daemon.policies.texts(of: managed)).flatMap { $0 }
        policies[managed] = .some(texts)
        return texts
    }

    // MARK: Deciding

    private func look(at session: Session) {
        if let key = session.heldKey, digest(for: key) == key.digest { return isDecided(session, .unchanged) }
        guard let documents = SessionDocuments.read(daemon.state.documents(session.id)) else {
            return isDecided(session, .hopeless("what it was started by is not known"))
        }
        guard let layers else { return decide(session, documents, nil) }
        var new = documents.generations[0]
        if let managed = documents.managed {
            guard let texts = texts(of: managed) else { return isDecided(session, .hopeless("its policy `\(managed)` is gone")) }
            new.policy = texts.policy
            new.includes = texts.includes
        }
        let name = Self.name(of: new)
        new.layers = layers.applying(toPolicy: name, user: documents.account).sources
        keys[session.id] = HeldKey(
            policy: name, account: documents.account, managed: documents.managed,
            digest: HeldKey.digest(documents.managed.flatMap(texts(of:)), new.layers))
        decide(session, documents, new)
    }

    /// It was parsed before.
    private static func name(of generation: SessionDocuments.Generation) -> String {
        let includes = Dictionary(generation.includes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        return (try? PolicyText.parse(generation.policy, includes: includes).name) ?? ""
    }

    private func decide(_ session: Session, _ documents: SessionDocuments, _ new: SessionDocuments.Generation?) {
        let one = SessionDeciding(session, documents, new) { [weak self] outcome in self?.isDecided(session, outcome) }
        deciding[session.id] = one
        one.begin()
    }

    /// Some at a time, so that the daemon does other things meanwhile.
    private func decideMore() {
        for _ in 0..<Self.atOnce where deciding.count < Self.atOnce {
            guard let session = undecided.popLast() else { break }
            session.phase == .running ? look(at: session) : ()
        }
        guard undecided.isEmpty, deciding.isEmpty else {
            // What is looked for comes back by itself.
            if deciding.count < Self.atOnce, !undecided.isEmpty { decideSoon() }
            return
        }
        guard !isOver else { return }
        isOver = true
        isDry ? report() : apply()
    }

    private func decideSoon() {
        guard !isScheduled else { return }
        isScheduled = true
        _ = daemon.loop.after(nanoseconds: 0) { [weak self] in
            self?.isScheduled = false
            self?.decideMore()
        }
    }

    private func isDecided(_ session: Session, _ outcome: SessionDeciding.Outcome) {
        let wasLooked = deciding.removeValue(forKey: session.id) != nil
        switch outcome {
        case .unchanged:
            if let key = keys[session.id] { session.heldKey = key }
            reports.append(session.report(.unchanged))
        case .superseded(let superseding): decided.append((session, superseding))
        case .refused(let refusal): hopeless.append((session, "the new documents cannot be held: \(refusal.codes)", refusal))
        case .hopeless(let why): hopeless.append((session, why, nil))
        }
        // Not from within what is being decided.
        if wasLooked { decideSoon() }
    }

    // MARK: Applying

    /// First all is written down, so that the next daemon would go on with it; then each session is held to it.
    private func apply() {
        daemon.watch.reloads(.decided)
        for one in hopeless where one.session.phase == .running {
            one.session.drain([one.why], refusal: one.refusal, cause)
            reports.append(one.session.report(.draining, why: [one.why]))
        }
        hopeless = []
        var ready: [(Session, Superseding)] = []
        for (session, superseding) in decided where session.phase == .running {
            if session.writeDown(superseding.documents) {
                ready.append((session, superseding))
            } else {
                session.drain(["what it is held by cannot be written"], cause)
                reports.append(session.report(.draining, why: ["what it is held by cannot be written"]))
            }
        }
        decided = []
        daemon.watch.reloads(.written)
        applying = ready.count
        if ready.isEmpty { return report() }
        for (session, superseding) in ready {
            session.supersede(by: superseding, cause) { [weak self, weak session] report in
                if let key = self?.keys[report.id] { session?.heldKey = key }
                self?.isApplied(report)
            }
        }
    }

    private func isApplied(_ report: ReloadReport.Session) {
        reports.append(report)
        applying -= 1
        if applying == 0 { self.report() }
    }

    private func report() {
        for (session, superseding) in decided {
            let outcome: ReloadReport.Session.Outcome = superseding.notInPlace.isEmpty ? .tightened : .draining
            reports.append(session.report(outcome, tightened: superseding.tightened, why: superseding.notInPlace))
        }
        for one in hopeless { reports.append(one.session.report(.draining, why: [one.why])) }
        if let refusal { return finish(.failure(refusal)) }
        let read = (layers?.sources ?? []) + policies.values.compactMap { $0 }.flatMap { [$0.policy] + $0.includes }
        let documents = read.map { "\($0.name) \(SHA256.digest($0.bytes).hex)" }.sorted()
        let report = ReloadReport(documents: documents, isDry: isDry, drain: daemon.drain, sessions: reports.sorted { $0.id < $1.id })
        if !isDry { daemon.recordReloaded(report, cause) }
        finish(.success(report))
    }
}

extension Refusal {
    fileprivate var codes: String { reasons.all.map(\.code.rawValue).joined(separator: " ") }
}
