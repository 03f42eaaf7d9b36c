import Descriptors
import EventLoop
import Evidence
import Kernel
import KernelPlan
import SessionProtocol
import StrictJSON

extension Session {
    /// Connects to the keeper of a session that outlived its daemon. Without a keeper the session is over: what is left of it is killed.
    func adopt() {
        guard let launch else { return close() }
        enter(.running)
        do throws(Errno) {
            let keepers = try WorkingDirectory().open(daemon.state.keepers, [.path, .directory])
            let socket = try UnixSocket.connect(named: id, in: keepers, .messages)
            let number = socket.number
            launch.channel = KeeperChannel(socket: socket)
            try launch.watch(number) { [weak self] in self?.adoptedKeeperSpeaks() }
            awaitHello()
            record(.lifecycle, isUnknown ? ["event": "not-adopted", "error": "no record that this version reads"] : ["event": "adopted"])
            if wasAudited { record(.lifecycle, LandlockLedger.uncounted("the daemon that read the audit log for this session has ended")) }
        } catch {
            record(.lifecycle, ["event": "orphaned", "error": .string(error.name)])
            finishOrphan()
        }
    }

    /// A keeper greets whoever connects. One that does not cannot be relied on to end the session: it is over.
    private func awaitHello() {
        deadline = daemon.loop.after(nanoseconds: Self.phaseDeadline) { [weak self] in self?.keeperIsSilent() }
    }

    private func keeperIsSilent() {
        deadline = nil
        disown(Errno.timedOut.name)
        finishOrphan()
    }

    /// It greeted in time, and is this session's.
    func keeperGreets(as session: String) {
        guard isAdopted else { return }
        guard session == id else { return disown("another session's keeper") }
        if let deadline { daemon.loop.cancel(deadline) }
        deadline = nil
        if isUnknown { end() } else { takeGateOver() }
        daemon.tellReadiness()
    }

    /// Adopted, and its keeper has not greeted yet.
    var awaitsGreeting: Bool { isAdopted && phase == .running && deadline != nil }

    /// Who answers for the keeper is none of this session's.
    func disown(_ why: String) {
        record(.lifecycle, ["event": "orphaned", "error": .string(why)])
        dropChannel()
    }

    /// What an earlier daemon said to the gate is ours to say now. Without it the gate decides alone, and blocks what it cannot.
    private func takeGateOver() {
        guard let launch, let talk = launch.channel?.kept.take() else { return }
        let number = talk.number
        launch.gateSocket = consume talk
        awaitsResumption = true
        do throws(Errno) {
            try launch.watch(number) { [weak self] in self?.gateSpeaks() }
            guard case .moved? = try launch.gateSocket?.borrowed.send(DaemonMessage.adopted.json.encoded()) else { throw .tryAgain }
            daemon.holdAdopted(self)
        } catch {
            record(.lifecycle, ["event": "gate-not-taken-over", "error": .string(error.name)])
            launch.unwatch(number)
            launch.gateSocket = nil
        }
    }

    /// The keeper is not our child: its end is the end of its socket.
    private func adoptedKeeperSpeaks() {
        keeperSpeaks()
        if launch?.channel == nil { finishOrphan() }
    }

    /// Nobody keeps the session any more.
    func finishOrphan() {
        guard phase != .closed else { return }
        if ending == nil, let record = try? WorkingDirectory().contents(of: daemon.state.ending(id), limit: 4_096) {
            ending = KeeperEnding(record: record)
        }
        enter(.ending)
        launch?.killScope()
        guard let scope = launch?.scope else { return close() }
        awaitEmpty(scope)
    }
}
