import Descriptors
import EventLoop

/// What is registered with the loop; nil once it is removed.
struct GateRegistrations {
    var clientInput: Registration?
    var clientOutput: Registration?
    var serverInput: Registration?
    var serverOutput: Registration?
    var serverErrors: Registration?
    var people: Registration?
    var keeper: Registration?
    var denials: Registration?
    var session: Registration?

    mutating func remove(_ path: WritableKeyPath<GateRegistrations, Registration?>, from loop: EventLoop) {
        guard let registration = self[keyPath: path] else { return }
        loop.remove(registration)
        self[keyPath: path] = nil
    }
}

extension GateLoop {
    func register() throws(Errno) {
        registrations.clientInput = try loop.register(clientInput.descriptor.number, for: .readable) { [unowned self] _ in readClient() }
        registrations.serverOutput = try loop.register(serverOutput.number, for: .readable) { [unowned self] _ in readServer() }
        registrations.serverErrors = try loop.register(serverErrors.number, for: .readable) { [unowned self] _ in readServerErrors() }
        registrations.clientOutput = try loop.register(clientOutput.descriptor.number, for: []) { [unowned self] _ in flushClient() }
        registrations.people = try loop.register(peopleOutput.descriptor.number, for: []) { [unowned self] _ in flushPeople() }
        registrations.keeper = try loop.register(keeper.number, for: .readable) { [unowned self] _ in loseKeeper() }
        if let number = session?.number {
            registrations.session = try loop.register(number, for: .readable) { [unowned self] _ in talkWithDaemon() }
        }
        if let number = serverInput?.number {
            registrations.serverInput = try loop.register(number, for: []) { [unowned self] _ in flushServer() }
        }
    }

    func watchDenials(_ number: Int32) throws(Errno) {
        registrations.denials = try loop.register(number, for: []) { [unowned self] _ in drainDenials() }
    }

    /// Each side is read while nothing waits for the other, and written while something waits.
    func updateInterests() {
        want(registrations.clientInput, mayReadClient && !clientHasMore ? .readable : [])
        want(registrations.serverOutput, mayReadServer && !serverHasMore ? .readable : [])
        want(registrations.clientOutput, toClient.isEmpty ? [] : .writable)
        want(registrations.serverInput, toServer.isEmpty ? [] : .writable)
        want(registrations.session, toDaemon.isEmpty ? .readable : [.readable, .writable])
        want(registrations.people, people.isEmpty ? [] : .writable)
    }

    private func want(_ registration: Registration?, _ interest: Interest) {
        guard let registration else { return }
        loop.change(registration, to: interest)
    }
}
