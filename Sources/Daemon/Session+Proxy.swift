import Descriptors
import EventLoop
import Evidence
import Kernel
import KernelPlan
import Policy
import SessionProtocol
import StrictJSON

/// The session's name proxy: launched once the server is armed, and has made the door that it serves.
extension Session {
    func launchProxy() throws(LaunchFailure) {
        guard let launch, let policy = names, launch.proxySocket == nil else { throw LaunchFailure(.launchProxy, nil, "no names") }
        try reach(.launchProxy)
        enter(.launchingProxy)
        guard let door = launch.channel?.door.take() else { throw LaunchFailure(.launchProxy, nil, "the server has no door") }
        // How long what it states is kept is said before it states anything.
        guard daemon.record(.lifecycle, JSONObject([("event", "proxy-launched")]).saying(keep), SpoolOwner.proxy.facts(facts)) else {
            throw LaunchFailure(.recordLaunch, nil, daemon.logFault.map(Daemon.words) ?? "the log takes no receipt")
        }
        let program = try LaunchStep.launchProxy.run("sandbox-proxy") { () throws(Errno) in try daemon.siblings.open("sandbox-proxy") }
        let ruleset = try ProxyConfinement.ruleset(program, host: daemon.host)
        let filter = try daemon.filters.filter(.proxy)
        let start = try proxyStart(policy)
        let sockets = try LaunchStep.launchProxy.run { () throws(Errno) in try SocketPair(.messages) }
        let hold = try LaunchStep.launchProxy.run("pipe") { () throws(Errno) in try Pipe() }
        let theirs = sockets.second
        let ours = sockets.first
        launch.proxySocket = consume ours
        let people = try LaunchStep.launchProxy.run("/dev/null") { () throws(Errno) in try WorkingDirectory().open("/dev/null", [.write]) }
        let inherited = try proxyDescriptors(launch, theirs, people, start, door, hold.reader, program)
        let descriptors = LaunchSpecification.Descriptors(ruleset: ruleset.borrowed, seccomp: filter.borrowed, inherited: inherited)
        let specification = LaunchSpecification(
            path: Array("/proc/self/fd/\(inherited.count - 1)".utf8), arguments: [Array("sandbox-proxy".utf8)], environment: [],
            identity: proxyIdentity, executesOnce: true, dropsBounding: daemon.mayDropBounding, landlockABI: daemon.host.landlockABI,
            openFiles: Self.proxyOpenFiles)
        try prepareLeaf(launch, hold.writer)
        try order(.launchProxy) { channel throws(Errno) in
            let memory = try specification.write(for: descriptors)
            try channel.launch(.proxy, memory, descriptors)
        }
        launch.connections = nil
        try reach(.launchProxy)
        let socket = launch.proxySocket?.number ?? -1
        try LaunchStep.launchProxy.run { () throws(Errno) in try launch.watch(socket) { [weak self] in self?.proxySpeaks() } }
    }

    /// Six for each of 256 connections, and a few.
    private static let proxyOpenFiles: UInt64 = 2_048

    private func prepareLeaf(_ launch: Launch, _ hold: borrowing OwnedDescriptor) throws(LaunchFailure) {
        let hold = hold.borrowed
        guard let scope = launch.scope else {
            return try order(.launchProxy) { channel throws(Errno) in try channel.prepareProxy(hold: hold, cgroup: nil, kill: nil) }
        }
        let cgroup = try LaunchStep.launchProxy.run("cgroup") { () throws(Errno) in try scope.open(.proxy) }
        let kill = try LaunchStep.launchProxy.run("cgroup.kill") { () throws(Errno) in try scope.openKill(.proxy) }
        let (leaf, end) = (cgroup.borrowed, kill.borrowed)
        try order(.launchProxy) { channel throws(Errno) in try channel.prepareProxy(hold: hold, cgroup: leaf, kill: end) }
    }

    private func proxyStart(_ names: ProxyStart) throws(LaunchFailure) -> OwnedDescriptor {
        try LaunchStep.launchProxy.run { () throws(Errno) in try SealedMemory.make(name: "proxy-start", bytes: names.json.encoded()) }
    }

    /// In the order of `ProxyDescriptor`; last the program itself, to be executed by descriptor.
    private func proxyDescriptors(
        _ launch: Launch, _ session: borrowing OwnedDescriptor, _ people: borrowing OwnedDescriptor, _ start: borrowing OwnedDescriptor,
        _ door: borrowing OwnedDescriptor, _ hold: borrowing OwnedDescriptor, _ program: borrowing OwnedDescriptor
    ) throws(LaunchFailure) -> [BorrowedDescriptor] {
        guard let spool = launch.connections?.borrowed else { throw LaunchFailure(.launchProxy, nil, "no spool") }
        return ProxyDescriptor.allCases.map { descriptor in
            switch descriptor {
            case .session: session.borrowed
            case .spool: spool
            case .people: people.borrowed
            case .start: start.borrowed
            case .listener: door.borrowed
            case .keeper: hold.borrowed
            }
        } + [program.borrowed]
    }

    private var proxyIdentity: LaunchSpecification.Identity {
        guard let users else {
            return LaunchSpecification.Identity(uid: caller.uid, gid: caller.gid, groups: caller.groups, isChanged: false)
        }
        return LaunchSpecification.Identity(uid: users.proxy, gid: users.proxy, groups: [], isChanged: true)
    }

    var proxyIdentityCheck: ProcessCheck {
        ProcessCheck(
            uid: users?.proxy ?? caller.uid, gid: users?.proxy ?? caller.gid, cgroup: leaf(.proxy),
            hasEmptyBoundingSet: daemon.mayDropBounding)
    }

    // MARK: What it says

    private func proxySpeaks() {
        while let socket = launch?.proxySocket?.borrowed {
            do {
                guard let message = try socket.receive(atMost: ProxyMessage.sizeLimit) else { return }
                if message.isEnd { return proxyClosed() }
                take(ProxyMessage(bytes: message.bytes))
            } catch {
                return proxyClosed()
            }
        }
    }

    private func take(_ message: ProxyMessage?) {
        switch (message, phase) {
        case (_, .ending), (_, .closed): return
        case (.ready?, .launchingProxy): perform { () throws(LaunchFailure) in try serverMayGo() }
        case (.failed(let why)?, _) where phase.step != nil: fail(LaunchFailure(.proxyReady, nil, why))
        case (.ahead?, _) where proxyIsReady: foldProxyAhead()
        case (.ready?, _), (.failed?, _), (.ahead?, _), (nil, _): proxyViolated()
        }
    }

    private func serverMayGo() throws(LaunchFailure) {
        try reach(.proxyReady)
        proxyIsReady = true
        enter(.launchingServer)
        guard let process = armedServer else { throw LaunchFailure(.proxyReady, nil, "no server is armed") }
        armedServer = nil
        try armed(.server, process)
    }

    private func foldProxyAhead() {
        proxyFoldsAsked += 1
        let size = (try? WorkingDirectory().status(of: daemon.state.connectionSpool(id)).size) ?? 0
        guard proxyFoldsAsked <= size / Spool.announcedLead + 1 else { return proxyViolated() }
        daemon.fold(self, isOver: false)
    }

    private func proxyViolated() {
        record(.lifecycle, ["event": "violation", "peer": "proxy"])
        if phase.step != nil { return fail(LaunchFailure(.proxyReady, nil, "the name proxy broke the protocol")) }
        tearDown()
    }

    /// The keeper tells how it ended, and ends the session.
    private func proxyClosed() {
        guard let socket = launch?.proxySocket?.number else { return }
        launch?.unwatch(socket)
        launch?.proxySocket = nil
    }
}
