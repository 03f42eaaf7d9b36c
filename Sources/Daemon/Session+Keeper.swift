import ControlProtocol
import Descriptors
import EventLoop
import Evidence
import Kernel
import KernelPlan
import PolicyText
import SessionProtocol
import StrictJSON

/// What keeper and gate say, and what follows.
extension Session {
    /// Takes every report that has come.
    func keeperSpeaks() {
        do {
            while launch?.channel != nil, let report = try launch?.channel?.receive() { take(report) }
        } catch {
            // A keeper that closed is dying; its pidfd tells when it is dead, where it is our child.
            dropChannel()
        }
    }

    func dropChannel() {
        guard let launch, let socket = launch.channel?.socket.number else { return }
        launch.unwatch(socket)
        launch.channel = nil
        if launch.keeper != nil { launch.killScope() }
    }

    /// The keeper is dead: whatever it left is killed, then the session is closed.
    func keeperEnded() {
        guard let launch, launch.keeper != nil else { return }
        keeperSpeaks()
        launch.keeper?.reap()
        if phase != .ending { failed(step: 0, .noProcess, "the keeper ended") }
        guard let scope = launch.scope, (try? scope.isPopulated()) == true else { return close() }
        launch.killScope()
        awaitEmpty(scope)
    }

    /// cgroup.kill is asynchronous: looks again until nobody is left.
    func awaitEmpty(_ scope: SessionScope) {
        guard phase != .closed else { return }
        guard (try? scope.isPopulated()) == true else { return close() }
        _ = daemon.loop.after(nanoseconds: 2_000_000) { [weak self] in self?.awaitEmpty(scope) }
    }

    private func take(_ report: KeeperReport) {
        // Once it is being ended, all that is left to be heard is how it ended.
        if phase == .ending, report.isOfLaunch { return }
        // Nor has whoever keeps a session that was launched long ago anything to say of that.
        if isAdopted, report.isOfLaunch { return disown("a report of a launch") }
        switch report {
        case .hello(let session, _, _, _): keeperGreets(as: session)
        case .armed(let role, let process): perform { () throws(LaunchFailure) in try armed(role, process) }
        case .running(let role, let process): perform { () throws(LaunchFailure) in try running(role, process) }
        case .failed(let role, let step, let error): failed(at: role?.step, step: step, error, role?.text ?? "")
        case .trial(let result): trials.append(result)
        case .trialsDone(let count): perform { () throws(LaunchFailure) in try testsDone(count) }
        case .sealed: perform { () throws(LaunchFailure) in try sealed() }
        case .ended(let ending): ended(ending)
        }
    }

    /// `launchStep` is that of who failed; gate and self-test start side by side.
    private func failed(at launchStep: LaunchStep? = nil, step: UInt32, _ error: Errno, _ detail: String) {
        guard let phaseStep = phase.step else { return }
        let current = launchStep ?? phaseStep
        let error = error.code == 0 ? nil : error
        fail(LaunchFailure(current, error, step == 0 ? detail : "\(detail): \(ChildStep.name(step))"))
    }

    private func ended(_ ending: KeeperEnding) {
        self.ending = ending
        let isEnd = phase == .running || phase == .ending
        if isReleased, !isEnd, ending.step == 0, ending.error.code == 0 {
            // The server was released, and has ended already: the caller learns how on the lifeline, as of any other session.
            perform { () throws(LaunchFailure) in try sealed() }
        } else if !isEnd {
            return failed(
                step: ending.step, ending.error, "\(ending.first.text) ended first: gate \(ending.gate.text), server \(ending.server.text)")
        }
        enter(.ending)
    }

    // MARK: Steps

    func armed(_ role: KeeperChannel.Role, _ process: Int32) throws(LaunchFailure) {
        switch role {
        case .gate:
            try reach(.checkGate)
            do throws(LaunchFailure) { try check(process, .checkGate, gateIdentityCheck) } catch {
                // It is gone, as after a self-test that failed meanwhile: the keeper says next what it was. Nobody is told to go.
                if error.error == .noEntry || error.error == .noProcess { return }
                throw error
            }
        case .server:
            // The receipt comes first, and it says what is started.
            guard fileReader == nil else {
                armedServer = process
                return
            }
            // And whoever serves its door is there before it is.
            guard plan?.doorPort == nil || proxyIsReady else {
                armedServer = process
                return try launchProxy()
            }
            try checkServer(process)
        case .proxy: try check(process, .launchProxy, proxyIdentityCheck)
        case .selfTest: break
        }
        let step = role.step
        try order(step) { channel throws(Errno) in try channel.go(role) }
    }

    /// A keeper that takes no order any more is on its way out; its last report, or its end, says why.
    func order(_ step: LaunchStep, _ body: (KeeperChannel) throws(Errno) -> Void) throws(LaunchFailure) {
        guard let channel = launch?.channel else { return }
        try step.run { () throws(Errno) in
            do throws(Errno) { try body(channel) } catch { if error != .brokenPipe, error != .connectionReset { throw error } }
        }
    }

    func check(_ process: Int32, _ step: LaunchStep, _ expected: ProcessCheck) throws(LaunchFailure) {
        let objection = try step.run { () throws(Errno) in try expected.objection(to: process) }
        if let objection { throw LaunchFailure(step, nil, objection) }
    }

    private var gateIdentityCheck: ProcessCheck {
        let uid = users?.gate ?? caller.uid
        return ProcessCheck(uid: uid, gid: users?.gate ?? caller.gid, cgroup: leaf(.gate), hasEmptyBoundingSet: daemon.mayDropBounding)
    }

    func leaf(_ leaf: SessionScope.Leaf) -> String? {
        guard let scope = launch?.scope, let tree = daemon.tree else { return nil }
        return tree.path(ofDirectory: scope.path(of: leaf))
    }

    private func checkServer(_ process: Int32) throws(LaunchFailure) {
        try reach(.checkServer)
        guard let plan, let launch else { throw LaunchFailure(.checkServer, nil, "no plan") }
        let identity = identity(of: plan.user)
        try check(
            process, .checkServer,
            ProcessCheck(uid: identity.uid, gid: identity.gid, cgroup: leaf(.server), hasEmptyBoundingSet: daemon.mayDropBounding))
        if let programs = launch.programs, let scope = launch.scope {
            let directory = try LaunchStep.checkServer.run { () throws(Errno) in try scope.open(.server) }
            try programs.verify(on: directory)
        }
        try checkLimits(process, launch)
        try reach(.recordLaunch)
        // Receipt first: what is not recorded is not released.
        guard record(.launch, launchBody().saying(keep)) else {
            throw LaunchFailure(.recordLaunch, nil, daemon.logFault.map(Daemon.words) ?? "the log takes no receipt")
        }
        isReleased = true
        if plan.landlock.isAudited { daemon.landlock?.expect(facts, process: process) }
        try reach(.recordLaunch)
    }

    private func checkLimits(_ process: Int32, _ launch: Launch) throws(LaunchFailure) {
        guard let limits = launch.limits else { return }
        let objection = try LaunchStep.checkServer.run("limits") { () throws(Errno) in try limits.objection(to: process) }
        if let objection { throw LaunchFailure(.checkServer, nil, objection) }
        launch.reachedBefore = limits.reached()
    }

    private func running(_ role: KeeperChannel.Role, _ process: Int32) throws(LaunchFailure) {
        switch role {
        case .gate: if phase == .launchingGate { enter(.awaitingGate) }
        case .server:
            try checkExecuted(process)
            try seal()
        case .selfTest, .proxy: break
        }
    }

    private func seal() throws(LaunchFailure) {
        enter(.sealing)
        try reach(.seal)
        let talk = launch?.gateSocket?.borrowed
        try order(.seal) { channel throws(Errno) in try channel.seal(keeping: talk) }
    }

    /// The server's cage is tried before the server is put into it, while the gate starts.
    ///
    /// INVARIANT: the keeper has this order before it is told to let the gate go, so that the tester is cloned from a keeper that does not hold
    /// the gate's seccomp listener yet, and holds none itself.
    func startSelfTest() throws(LaunchFailure) {
        try reach(.selfTest)
        // Nobody observes what is tried.
        guard let plan, let parts = launch?.server?.specification else { throw LaunchFailure(.selfTest, nil, "no plan") }
        let list = try TrialList.make(plan.trials)
        try order(.selfTest) { channel throws(Errno) in
            guard var descriptors = launch?.server?.descriptors else { return }
            let specification = try parts.write(for: descriptors)
            // The same steps; for 0 to 2 the keeper makes pipes of its own.
            descriptors.inherited = []
            try channel.selfTest(list, specification, descriptors)
        }
    }

    /// Every trial must have come out as planned; what could not be tried is named in the receipt.
    private func testsDone(_ count: Int) throws(LaunchFailure) {
        try reach(.selfTest)
        guard let plan, count == plan.trials.count, trials.count == count else {
            throw LaunchFailure(.selfTest, nil, "\(trials.count) of \(plan?.trials.count ?? 0) trials were reported")
        }
        for result in trials {
            guard plan.trials.indices.contains(result.index) else { throw LaunchFailure(.selfTest, nil, "an unknown trial") }
            let trial = plan.trials[result.index]
            if let objection = trial.objection(to: result.outcome) {
                throw LaunchFailure(.selfTest, nil, "\(trial.text), and \(objection)")
            }
        }
        isTested = true
        try launchServerOnceReady()
    }

    func gateIsReady() throws(LaunchFailure) {
        try reach(.gateReady)
        enter(.testing)
        try launchServerOnceReady()
    }

    /// The gate is ready, and the self-test came out as planned: the later of the two has the server launched.
    private func launchServerOnceReady() throws(LaunchFailure) {
        guard phase == .testing, isTested else { return }
        enter(.launchingServer)
        try reach(.launchServer)
        try LaunchStep.launchServer.run { () throws(Errno) in
            // What the self-test was denied is not the server's.
            try denialMaps?.clear()
            guard let descriptors = launch?.server?.descriptors, var parts = launch?.server?.specification else { return }
            parts.isObserved = observes
            let specification = try parts.write(for: descriptors)
            try launch?.channel?.launch(.server, specification, descriptors)
        }
        launch?.server = nil
        request = nil
    }

    private func sealed() throws(LaunchFailure) {
        try reach(.seal)
        guard let launch, let lifeline = launch.lifeline.take() else { throw LaunchFailure(.seal, nil, "no lifeline") }
        enter(.running)
        daemon.resolveRefusalLater(of: texts?.expanded.name, for: caller.uid)
        daemon.metrics.launched(in: Clock.monotonic - asked)
        let observer = launch.channel?.observer.take()
        forgetLaunch()
        connection?.reply(
            WrapReply(session: id, lifeline: lifeline, custody: daemon.custody, prober: prober?.path, observer: observer).encode())
        connection = nil
    }
}

extension Trial {
    /// What is wrong with an outcome; `nil` when it is as planned, or could not be tried.
    fileprivate func objection(to outcome: TrialResult.Outcome) -> String? {
        switch (outcome, isPermitted) {
        case (.permitted, true), (.denied, false), (.untried, _): nil
        case (.permitted, false): "it went through"
        case (.denied(let error), true): "it was denied (\(error.name))"
        }
    }
}

extension KeeperChannel.Role {
    /// The step of the launch that fails with it.
    fileprivate var step: LaunchStep {
        switch self {
        case .gate: .launchGate
        case .selfTest: .selfTest
        case .proxy: .launchProxy
        case .server: .launchServer
        }
    }
}
