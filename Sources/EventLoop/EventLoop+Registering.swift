import CLinux
public import Descriptors

extension EventLoop {
    /// Calls `handler` whenever the descriptor is ready for what `interest` says (epoll_ctl(2)). A descriptor that epoll refuses with
    /// `EPERM` (regular files, /dev/null) counts as always ready. One descriptor has one registration: a second is `EEXIST`.
    @discardableResult
    public func register(
        _ descriptor: Int32, for interest: Interest, handler: @escaping (Readiness) -> Void
    ) throws(Errno) -> Registration {
        let registration = table.reserve()
        let isAlwaysReady: Bool
        do {
            isAlwaysReady = try !join(descriptor, registration, interest)
        } catch {
            table.cancel(registration)
            throw error
        }
        table.fill(
            registration,
            RegistrationTable.Entry(
                descriptor: descriptor, generation: registration.generation, interest: interest, isAlwaysReady: isAlwaysReady,
                handler: handler))
        return registration
    }

    /// Wants something else from now on. No interest at all means silence, hang-ups included. Without effect on what was removed.
    public func change(_ registration: Registration, to interest: Interest) {
        guard let entry = table[registration], entry.interest != interest else { return }
        table.setInterest(registration, interest)
        if entry.isAlwaysReady { return }
        let operation = entry.interest.isEmpty ? CLX_EPOLL_CTL_ADD : interest.isEmpty ? CLX_EPOLL_CTL_DEL : CLX_EPOLL_CTL_MOD
        mustSucceed(clx_epoll_ctl(epoll.number, operation, entry.descriptor, interest.rawValue, registration.packed))
    }

    /// What the registration wants now; nil when it was removed.
    public func interest(of registration: Registration) -> Interest? {
        table[registration]?.interest
    }

    /// Never calls its handler again; close the descriptor afterwards. Without effect on what was removed.
    public func remove(_ registration: Registration) {
        guard let entry = table.remove(registration), !entry.isAlwaysReady, !entry.interest.isEmpty else { return }
        mustSucceed(clx_epoll_ctl(epoll.number, CLX_EPOLL_CTL_DEL, entry.descriptor, 0, 0))
    }

    /// Whether epoll takes the descriptor. Asked even without interest, so that a refusal is known from the first day.
    private func join(_ descriptor: Int32, _ registration: Registration, _ interest: Interest) throws(Errno) -> Bool {
        do {
            _ = try checked(clx_epoll_ctl(epoll.number, CLX_EPOLL_CTL_ADD, descriptor, interest.rawValue, registration.packed))
        } catch {
            if error == .permission { return false }
            throw error
        }
        if interest.isEmpty { mustSucceed(clx_epoll_ctl(epoll.number, CLX_EPOLL_CTL_DEL, descriptor, 0, 0)) }
        return true
    }

    /// INVARIANT: a known registration's descriptor is open, so that changing it fails only for want of kernel memory, where nothing can be
    /// saved.
    private func mustSucceed(_ result: Int32) {
        precondition(result >= 0, "epoll_ctl failed on a registered descriptor: was it closed before it was removed?")
    }
}
