/// What the service manager hears of the daemon.
extension Daemon {
    /// Once the socket accepts and no session of an earlier daemon is still to be taken over.
    func tellReadiness() {
        guard !isTold, !isEnding, leaving == .no, !sessions.values.contains(where: \.awaitsGreeting) else { return }
        isTold = true
        serviceManager?.tell(.ready, status)
    }

    func tellStatus() {
        if isTold { serviceManager?.tell(status) }
    }

    private var status: ServiceManager.Notice { .status(sessions.count == 1 ? "1 session" : "\(sessions.count) sessions") }
}
