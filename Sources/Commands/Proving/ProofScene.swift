import CLinux
import Descriptors
import Evidence
import Glibc
import KernelPlan

/// What one performance came to.
struct ProofSight: Sendable, Hashable {
    var cameOff = false
    /// The errno, or how it ended.
    var told = ""
    /// What was seen, where it is more than the witness's own words.
    var seen: String?
    /// Why nothing can be said.
    var unclear: String?
}

/// One performance: everything as it was at the beginning, a new nonce, and afterwards a look at what came of it.
struct ProofScene: Sendable {
    let attempt: AimedAttempt
    let nonce = Hex.encode(SecureRandom.bytes(8))
    /// Nil where they cannot be completed here.
    let words: String?
    private let note: String

    /// A variable that no policy passes, which every prober is started with.
    static let variable = "SANDBOXD_PROVE_MARK"

    init(_ attempt: AimedAttempt, _ stage: inout ProofStage, _ interruption: borrowing Interruption) throws(ProofFailure) {
        self.attempt = attempt
        note = stage.note
        stage.furnish()
        if attempt.witness == .receiver { _ = stage.receivers.arrivals() }
        var words = attempt.words.replacing("{nonce}", with: nonce)
        guard words.contains("{victim}") else {
            self.words = words
            return
        }
        let victim = try stage.startVictim(interruption)
        words = words.replacing("{victim}", with: "\(victim.process)")
        if let memory = victim.memory { words = words.replacing("{victim-memory}", with: memory) }
        self.words = words.contains("{victim-memory}") ? nil : words
    }

    /// `datagram` is what the prober says of the datagram that was sent to it; `user` who the server should be, nil unconfined.
    func look(
        _ answer: ProberTalk.Answer, datagram: ProberTalk.Answer? = nil, _ stage: inout ProofStage, as user: UserPlan?
    ) -> ProofSight {
        var sight = ProofSight()
        var said = ""
        var error: Int32 = -1
        if case .done(let code, let text) = answer {
            (error, said) = (code, text)
            sight.told = code == 0 ? "no error" : Errno(code: code).name
        }
        switch attempt.witness {
        case .receiver: lookAtReceivers(&sight, stage.receivers.arrivals())
        case .answer: sight.cameOff = error == 0
        case .said(let text): sight.cameOff = said.contains(text)
        case .listener:
            sight.cameOff =
                error == 0 && attempt.endpoint.map { ProofReceiver.connects(to: SocketAddress($0.address, port: $0.port)) } == true
        case .datagram: if case .done(_, let text)? = datagram { sight.cameOff = text.contains(nonce) }
        case .exists(let path): sight.cameOff = status(path) != nil
        case .gone(let path): sight.cameOff = status(path) == nil
        case .changed(let path):
            sight.cameOff = (try? WorkingDirectory().contents(of: path, limit: 4_096)).map { $0.elementsEqual(note.utf8) } != true
        case .mode(let path): sight.cameOff = status(path).map { $0.permissions & 0o777 == 0o600 } == true
        case .times(let path): sight.cameOff = status(path)?.modified == 1_000_000_000
        case .attribute(let path): sight.cameOff = clx_has_attribute(path, "user.escape") == 1
        case .replaced: break
        case .killed: sight.cameOff = stage.endVictim(within: error == 0 ? 500_000_000 : 20_000_000)
        case .environment: sight.cameOff = said.contains(Self.variable)
        case .descriptors: sight.cameOff = error == 0 && said.split(separator: " ") != ["0:pipe", "1:pipe", "2:pipe"]
        case .privileges: lookAtPrivileges(&sight, said, user)
        }
        return sight
    }

    private func status(_ path: String) -> FileStatus? { try? WorkingDirectory().status(of: path, followingLinks: false) }

    /// A connection without its nonce is one, too.
    private func lookAtReceivers(_ sight: inout ProofSight, _ arrivals: [[UInt8]]?) {
        guard let arrivals else {
            sight.unclear = "our own receivers were not reached by us"
            return
        }
        let hasNonce = arrivals.contains { $0.elementsEqual(nonce.utf8) }
        sight.cameOff = hasNonce || (!attempt.isPermitted && arrivals.contains { $0.isEmpty })
        if sight.cameOff, !hasNonce { sight.seen = "a connection arrived at the receiver, without its nonce" }
    }

    /// `uids R E S bounding N no-new-privileges M groups G`.
    private func lookAtPrivileges(_ sight: inout ProofSight, _ said: String, _ user: UserPlan?) {
        let words = said.split(separator: " ").map(String.init)
        guard words.count >= 8, let uids = Optional(words[1...3].compactMap { UInt32($0) }), uids.count == 3 else {
            sight.unclear = "the prober does not say who it is"
            return
        }
        sight.told = "no_new_privs, uid \(uids[0])"
        let isOther =
            switch user {
            case .caller(let uid, _, _)?: uids != [uid, uid, uid]
            case .session?: Set(uids).count != 1
            case nil: false
            }
        sight.cameOff = uids.contains(0) || words[7] == "0" || isOther
        if sight.cameOff { sight.seen = "it says: \(Escaping.line(said))" }
    }
}

extension Witness {
    /// Whether something other than the prober's answer tells.
    var isSeenOutside: Bool {
        switch self {
        case .receiver, .exists, .gone, .changed, .mode, .times, .attribute, .killed: true
        case .answer, .said, .listener, .datagram, .replaced, .environment, .descriptors, .privileges: false
        }
    }
}
