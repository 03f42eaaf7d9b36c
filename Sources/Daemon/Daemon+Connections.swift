import ControlProtocol
import Descriptors
import EventLoop
import KernelPlan

/// Who is connected to the control API, and who answers what.
extension Daemon {
    /// Serves everybody who connects at `path`.
    func listen(at path: String) throws(DaemonFailure) {
        listener = try ControlListener(
            at: path, in: loop, count: { [weak self] in self?.connections.count ?? 0 }, serve: { [weak self] socket in self?.adopt(socket) }
        )
    }

    /// Serves everybody who connects to a socket that listens already.
    func listen(on socket: consuming OwnedDescriptor) throws(DaemonFailure) {
        do throws(Errno) {
            listener = try ControlListener(
                socket, in: loop, count: { [weak self] in self?.connections.count ?? 0 },
                serve: { [weak self] socket in self?.adopt(socket) })
        } catch {
            throw .start(error)
        }
    }

    /// Serves one connected socket; closes it when its user has enough of them. A private daemon ends with the one that `isPrimary`.
    func adopt(_ socket: consuming OwnedDescriptor, isPrimary: Bool = false) {
        guard let user = try? socket.peerCredentials().user, callers.mayConnect(user) else { return }
        let connection = try? ControlConnection(
            socket, in: loop,
            admit: { [weak self] connection throws(ControlError) in
                guard let self else { throw .notPermitted(problem: "the daemon has ended") }
                return try peer(of: connection)
            },
            onCall: { [weak self] connection, peer, call in self?.answer(connection, peer, call) },
            mayHold: { [weak self] before, now in self?.callers.holds(user, before: before, now: now) ?? false },
            onEnd: { [weak self] connection, _ in self?.connectionEnded(connection, of: user) })
        guard let connection else { return }
        if isPrimary { primary = ObjectIdentifier(connection) }
        connections[ObjectIdentifier(connection)] = connection
        callers.connected(user)
    }

    var connectionCount: Int { connections.count }

    private func connectionEnded(_ connection: ControlConnection, of user: UInt32) {
        connections[ObjectIdentifier(connection)] = nil
        callers.left(user)
        watchers[ObjectIdentifier(connection)] = nil
        logReaders.remove(ObjectIdentifier(connection))
        for session in sessions.values where session.connection === connection { session.callerLeft() }
        if primary == ObjectIdentifier(connection) { end() }
    }

    private func answer(_ connection: ControlConnection, _ credentials: PeerCredentials, _ call: consuming ControlCall) {
        guard let method = ControlInterface.Method(rawValue: call.method) else { return connection.fail(.methodNotFound(call.method)) }
        let peer: Peer
        do throws(ControlError) { peer = try Peer(credentials, asking: method, custody, groups) } catch { return connection.fail(error) }
        switch method {
        case .hostProfile: connection.reply(HostProfileReply(profile: host, custody: custody, starters: starters).encode())
        case .wrap: wrap(connection, call, peer)
        case .check: check(connection, call, peer)
        case .describeLog: describeLog(connection, call)
        case .status: describeStatus(connection, call, peer)
        case .listSessions, .showSession, .killSession: answerSessions(connection, method, call, peer)
        case .listApprovals, .showApproval, .approve, .deny, .watchApprovals: answerApprovals(connection, method, call, peer)
        case .listBudgets: listBudgets(connection, call, peer)
        case .rotateKey: rotateKey(connection, call)
        case .listLog: listLog(connection, call, peer)
        case .readLog: readLog(connection, call)
        case .reload: reload(connection, call, peer)
        case .resetBudgets: resetBudgets(connection, call, peer)
        case .recordPreparation: recordPreparation(connection, call, peer)
        case .eraseContent: eraseContent(connection, call, peer)
        case .listPins: listPins(connection, call, peer)
        case .showPin, .acceptPin, .rejectPin: answerPin(connection, method, call, peer)
        case .listRefusals: listRefusals(connection, call, peer)
        case .showRefusal: showRefusal(connection, call, peer)
        case .noteRefusal: noteRefusal(connection, call, peer)
        case .closeRefusal: closeRefusal(connection, call, peer)
        }
    }

    /// Who asks. Over the one connection of a private daemon it is known.
    private func peer(of connection: ControlConnection) throws(ControlError) -> PeerCredentials {
        guard custody == .user else { return try ControlPeer.identify(connection) }
        guard primary == ObjectIdentifier(connection) else { return try ControlPeer.identifySameUser(connection) }
        guard let peer = try? connection.peerCredentials() else { throw .notPermitted(problem: "the peer cannot be identified") }
        return peer
    }
}
