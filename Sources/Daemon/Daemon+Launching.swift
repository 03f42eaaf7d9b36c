import ControlProtocol
import Descriptors
import EventLoop
import Evidence
import Glibc
import Kernel
import KernelPlan
import Policy
import StrictJSON

/// Sessions from the call that asks for one to the last that is given back.
extension Daemon {
    func wrap(_ connection: ControlConnection, _ call: consuming ControlCall, _ peer: Peer) {
        do throws(ControlError) {
            try requireReadiness(for: connection)
            let request = try WrapRequest(call)
            let caller = try caller(peer, as: request.user)
            let service = try request.serves ? ServedSession(request, connection, peer.credentials, tree) : nil
            try begin(connection, request, peer.credentials, caller, service)
        } catch {
            if case .refused(let refusal, entry: _) = error { metrics.refused(refusal) }
            connection.fail(error)
        }
    }

    /// For what becomes a session, or is judged as if it would.
    func requireReadiness(for connection: ControlConnection) throws(ControlError) {
        guard !isEnding, leaving != .draining, logFault == nil else {
            throw .launchFailed(LaunchFailure(.recordLaunch, nil, logFault.map(Self.words) ?? "the daemon is ending").fault)
        }
        guard custody == .daemon || primary == ObjectIdentifier(connection) else {
            throw .notPermitted(problem: "a private daemon runs the session that it was started for")
        }
    }

    private func takeUsers() throws(ControlError) -> UserPool.Users? {
        guard custody == .daemon else { return nil }
        do throws(LaunchFailure) {
            try watch.reached(.takeUsers)
            let taken = try LaunchStep.takeUsers.run(state.users.path) { () throws(Errno) in
                try users.take { mark throws(Errno) in try state.users.write(mark) }
            }
            guard let taken else { throw LaunchFailure(.takeUsers, nil, "all uids of \(users.range.first)-\(users.range.last) are taken") }
            return taken
        } catch {
            throw notLaunched(error)
        }
    }

    /// It did not come as far as a session.
    private func notLaunched(_ failure: LaunchFailure) -> ControlError {
        record(.launch, failure.body, nil)
        metrics.failed()
        return .launchFailed(failure.fault)
    }

    func begin(
        _ connection: ControlConnection, _ request: consuming WrapRequest, _ peer: PeerCredentials, _ caller: LaunchFacts.Caller,
        _ service: ServedSession? = nil, checks: Bool = false
    ) throws(ControlError) {
        let held = sessions.values.count { $0.peer?.user == peer.user }
        guard custody == .user || CallerCounts.mayHave(sessions: held, peer.user) else {
            throw notLaunched(LaunchFailure(.takeUsers, nil, "this user has \(held) sessions already"))
        }
        let users = try takeUsers()
        let id = Hex.encode(SecureRandom.bytes(8))
        let session = Session(
            id: id, daemon: self, peer: peer, caller: caller, users: users, request: request, connection: connection, service: service,
            checks: checks)
        sessions[id] = session
        if !checks {
            hadSession = true
            tellStatus()
            landlock?.ask()
            personalSocket?.open(id, self)
        }
        if queue.enter(id) { session.begin() }
    }

    /// Whatever came of it: whoever waits may begin, though not within a step of another.
    func launchIsOver(_ session: Session) {
        queue.leave(session.id)
        leaveIfQuiet()
        // A private daemon has one session.
        if custody == .daemon { _ = loop.after(nanoseconds: Self.refillDelay) { [weak self] in self?.fillReserve() } }
        for id in queue.next() { _ = loop.after(nanoseconds: 0) { [weak self] in self?.sessions[id]?.begin() } }
    }

    /// Nanoseconds after a launch, so that the next one's path finder does not start while this one's server answers for the first time.
    private static let refillDelay: UInt64 = 20_000_000

    private func fillReserve() {
        if !isEnding { finders.fill() }
    }

    /// The caller, or the account that root chose with `--user`.
    func caller(_ peer: Peer, as user: String?) throws(ControlError) -> LaunchFacts.Caller {
        guard let user else {
            return LaunchFacts.Caller(uid: peer.user, gid: peer.credentials.group, groups: peer.credentials.groups)
        }
        guard peer.reach == .all else {
            throw .refused(Refusal(Reason(.badUser, ["user": user, "problem": "only root may choose"])))
        }
        guard let account = Account(named: user) else {
            throw .refused(Refusal(Reason(.badUser, ["user": user, "problem": "there is no such user"])))
        }
        guard account.uid != 0 else { throw .refused(Refusal(Reason(.rootTarget, ["user": user]))) }
        return account.caller
    }

    /// A session gave everything back.
    func closed(_ session: Session) {
        sessions[session.id] = nil
        metrics.ended(session.folder?.carried ?? SpoolTally(), lost: session.countedLost)
        pastDenials.add(session.denialSummaries, of: session.caller.uid)
        if let used = session.users { users.give(back: used) }
        checkpoint()
        stopIfDone()
        tellStatus()
        tellReadiness()
    }

    // MARK: Programs

    /// Starts a keeper, born into its leaf, with its control socket on descriptor 3.
    func startKeeper(inScope scope: SessionScope?, control: borrowing OwnedDescriptor) throws(LaunchFailure) -> StartedProcess {
        let program = try LaunchStep.startKeeper.run("sandbox-keeper") { () throws(Errno) in try siblings.open("sandbox-keeper") }
        let null = try LaunchStep.startKeeper.run("/dev/null") { () throws(Errno) in try WorkingDirectory().open("/dev/null", .readWrite) }
        let specification = LaunchSpecification(
            path: Array("/proc/self/fd/4".utf8), arguments: [Array("sandbox-keeper".utf8)], environment: [],
            identity: .own, waitsForGo: false, keepsPrivilege: true, dropsBounding: false, openFiles: LaunchSpecification.serverOpenFiles)
        let descriptors = LaunchSpecification.Descriptors(
            inherited: [null.borrowed, null.borrowed, null.borrowed, control.borrowed, program.borrowed])
        var leaf: OwnedDescriptor?
        if let scope { leaf = try LaunchStep.startKeeper.run { () throws(Errno) in try scope.open(.keeper) } }
        do throws(StartFailure) {
            return try StartedProcess.start(specification, descriptors, cgroup: leaf?.borrowed)
        } catch {
            throw LaunchFailure(.startKeeper, error.error, ChildStep.name(error.step))
        }
    }
}
