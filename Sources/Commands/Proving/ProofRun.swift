import ControlProtocol
import Descriptors
import Evidence
import Glibc
import KernelPlan

/// Performs attempts: each once unconfined, where it must come off, and once inside.
struct ProofRun: ~Copyable {
    /// How a new session is started when one has ended.
    typealias Starter = (borrowing Interruption) throws(ProofFailure) -> ProofSession

    private let start: Starter
    private let program: String
    private let identity: ControlIdentity
    private let variables: [[UInt8]]
    private let serverUser: UserPlan
    private var session: ProofSession?
    private(set) var sessions: [String]
    private(set) var acts = 0
    private(set) var results: [ProofResult] = []

    /// Nanoseconds for one act, and for all.
    private static let actTime: UInt64 = 2_000_000_000
    private static let wholeTime: UInt64 = 180_000_000_000
    private static let mostSessions = 128

    init(
        _ session: consuming ProofSession, startingAnew start: @escaping Starter, program: String, as identity: ControlIdentity,
        variables: [[UInt8]], plan: KernelPlan
    ) {
        self.start = start
        self.program = program
        self.identity = identity
        self.variables = variables
        serverUser = plan.user
        sessions = [session.id]
        self.session = consume session
    }

    /// Performs them all, in their order.
    mutating func run(
        _ attempts: [AimedAttempt], on stage: inout ProofStage, _ interruption: borrowing Interruption
    ) throws(ProofFailure) {
        let end = Clock.monotonic + Self.wholeTime
        for attempt in attempts {
            let outcome: ProofResult.Outcome
            if Clock.monotonic > end {
                outcome = .untried("the time for all attempts was over")
            } else {
                outcome = try perform(attempt, &stage, interruption)
            }
            results.append(ProofResult(attempt: attempt, outcome: outcome))
        }
    }

    consuming func finish() { if let session = session.take() { _ = session.finish() } }

    private mutating func perform(
        _ attempt: AimedAttempt, _ stage: inout ProofStage, _ interruption: borrowing Interruption
    ) throws(ProofFailure) -> ProofResult.Outcome {
        let control = try unconfined(attempt, &stage, interruption)
        if let reason = control.unclear { return .untried(reason) }
        guard control.cameOff else { return .untried("it does not come off unconfined here either: \(control.told)") }
        guard session != nil else { return .untried("sessions ended too often to start another") }
        let inside = try confined(attempt, &stage, interruption)
        if let reason = inside.unclear { return .untried(reason) }
        switch (inside.cameOff, attempt.isPermitted) {
        case (true, true): return .worked
        case (true, false):
            // It still listens, or is no longer what it was: in a namespace of its own much is forbidden to it that was not before.
            if attempt.witness == .listener || attempt.clause == .baseline { try renew(interruption) }
            return .gotThrough(inside.seen ?? attempt.witness.sight)
        case (false, true): return .denied(inside.told)
        case (false, false): return .stopped(inside.told)
        }
    }

    // MARK: One act

    /// In a process of its own, which ends with it, as what it opened does.
    private mutating func unconfined(
        _ attempt: AimedAttempt, _ stage: inout ProofStage, _ interruption: borrowing Interruption
    ) throws(ProofFailure) -> ProofSight {
        var prober: FreeProber
        do throws(Errno) { prober = try FreeProber(program, as: identity, environment: variables) } catch {
            throw .noProber(path: program, error)
        }
        guard try prober.talk.begin(interruption, until: Clock.monotonic + Self.actTime) else { throw .noProber(path: program, .io) }
        let scene = try ProofScene(attempt, &stage, interruption)
        guard let words = scene.words else {
            return ProofSight(unclear: "where the memory of a process outside lies cannot be seen from here")
        }
        acts += 1
        let answer = try prober.talk.act(words, interruption, until: Clock.monotonic + Self.actTime)
        let datagram = try Self.receive(&prober.talk, scene, answer, interruption)
        var sight = scene.look(answer, datagram: datagram, &stage, as: nil)
        switch answer {
        case .done: break
        case .other(let text): sight.unclear = text
        case .silent: sight.told = "no answer in time"
        case .ended:
            let status = prober.end(until: Clock.monotonic + Self.actTime)
            sight.told = status.map { "it ended with status \($0)" } ?? "it did not end"
            if attempt.witness == .replaced { sight.cameOff = status == 0 }
        }
        return sight
    }

    private mutating func confined(
        _ attempt: AimedAttempt, _ stage: inout ProofStage, _ interruption: borrowing Interruption
    ) throws(ProofFailure) -> ProofSight {
        let scene = try ProofScene(attempt, &stage, interruption)
        guard let words = scene.words, session != nil else { return ProofSight(unclear: "it could not be repeated") }
        acts += 1
        let answer = try session!.act(words, interruption, until: Clock.monotonic + Self.actTime)
        let datagram = try Self.receive(&session!.talk, scene, answer, interruption)
        var sight = scene.look(answer, datagram: datagram, &stage, as: serverUser)
        switch answer {
        case .done: break
        case .other, .silent, .ended: try judgeEnd(attempt, answer, &sight, interruption)
        }
        return sight
    }

    /// The prober is gone, and perhaps the gate said so, or it says nothing: the session's end tells how, and another one is started.
    private mutating func judgeEnd(
        _ attempt: AimedAttempt, _ answer: ProberTalk.Answer, _ sight: inout ProofSight, _ interruption: borrowing Interruption
    ) throws(ProofFailure) {
        let ending = session.take()?.finish()
        switch (ending?.first, ending?.server) {
        case (.server?, .exited(0)?) where attempt.witness == .replaced: sight.cameOff = true
        // The gate may be seen to end before the server that it ended for; whoever is ended for another's sake is killed with SIGKILL.
        case (let first?, .killed(let signal)?) where first == .server || (first == .gate && signal != SIGKILL):
            sight.told = "ended by \(WrapSession.Outcome.name(of: signal))"
        case (let first, let server):
            sight.told = Self.words(answer, first, server)
            if !sight.cameOff, !(answer == .silent && attempt.witness.isSeenOutside) { sight.unclear = sight.told }
        }
        try renew(interruption)
    }

    /// Another session; the one that there was has ended, or is not what it was.
    private mutating func renew(_ interruption: borrowing Interruption) throws(ProofFailure) {
        if let last = session.take() { _ = last.finish() }
        guard sessions.count < Self.mostSessions else { return }
        let next = try start(interruption)
        sessions.append(next.id)
        session = consume next
    }

    private static func words(_ answer: ProberTalk.Answer, _ first: SessionEnding.First?, _ server: SessionEnding.ProcessEnd?) -> String {
        switch answer {
        case .silent: "no answer within \(actTime / 1_000_000_000) s"
        case .other(let text) where first != .server: "the session answered otherwise: \(Escaping.line(text))"
        case .done, .other, .ended: "the session ended (\(words(server)))"
        }
    }

    private static func words(_ end: SessionEnding.ProcessEnd?) -> String {
        switch end {
        case .exited(let status)?: "status \(status)"
        case .neverStarted?: "never started"
        case .killed(let signal)?: WrapSession.Outcome.name(of: signal)
        case .unknown?, nil: "unknown"
        }
    }

    // MARK: Datagrams

    /// Where the act bound a socket: sends a datagram there, and asks what came.
    private static func receive(
        _ talk: inout ProberTalk, _ scene: ProofScene, _ answer: ProberTalk.Answer, _ interruption: borrowing Interruption
    ) throws(ProofFailure) -> ProberTalk.Answer? {
        guard scene.attempt.witness == .datagram, case .done(0, _) = answer, let endpoint = scene.attempt.endpoint else { return nil }
        ProofReceiver.sendDatagram(Array(scene.nonce.utf8), to: SocketAddress(endpoint.address, port: endpoint.port))
        return try talk.act("receive-udp", interruption, until: Clock.monotonic + 2 * actTime)
    }
}
