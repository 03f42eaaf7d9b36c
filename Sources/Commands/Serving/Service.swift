import Descriptors
import EventLoop
import Glibc

/// An instance that is served: one loop, the socket that was passed, and a session for each connection, up to a number at one time. Whoever connects
/// beyond that waits.
final class Service {
    /// The name of the instance.
    let instance: String
    /// What is asked for, for each connection anew: policy, name, user.
    let invocation: Invocation
    let environment: CallerEnvironment
    let console: Console
    /// sandboxd's.
    let socket: String
    let loop: EventLoop
    private let listener: OwnedDescriptor
    private let limit: Int
    private var registration: Registration?
    private var connections: [Int: ServedConnection] = [:]
    private var accepted = 0
    private var isStopping = false
    /// What everybody is answered with; nil: they are served.
    private var refusal: ServedEnding?

    /// Nanoseconds in which the sessions have ended once they are told to, in which everybody has been told why nothing is served, and before accepting is
    /// tried again for want of descriptors.
    private static let endTime: UInt64 = 15_000_000_000
    private static let refusalTime: UInt64 = 10_000_000_000
    private static let rest: UInt64 = 100_000_000

    init(
        _ instance: String, _ invocation: Invocation, _ environment: CallerEnvironment, on listener: consuming OwnedDescriptor,
        socket: String,
        limit: Int, _ console: Console
    ) throws(Errno) {
        self.instance = instance
        self.invocation = invocation
        self.environment = environment
        self.listener = listener
        self.socket = socket
        self.limit = limit
        self.console = console
        loop = try EventLoop()
    }

    /// The unit's name, for the journal.
    var unit: String { "mcp@\(instance).service" }

    /// Until SIGTERM or SIGINT, and until all sessions have ended then.
    func run() throws(Errno) {
        try loop.handleSignals([SIGTERM, SIGINT, SIGHUP]) { [unowned self] _ in stop() }
        registration = try loop.register(listener.number, for: .readable) { [unowned self] _ in accept() }
        ServiceNotice.ready(status)
        try loop.run()
    }

    /// Tells everybody who waits why nothing is served: else they would wait for ever, and start the service again and again.
    func refuse(_ refused: ServedEnding) throws(Errno) {
        refusal = refused
        registration = try loop.register(listener.number, for: .readable) { [unowned self] _ in accept() }
        loop.after(nanoseconds: Self.refusalTime) { [unowned self] in loop.stop() }
        accept()
        if !connections.isEmpty { try loop.run() }
    }

    private var status: String { "\(connections.count) of \(limit) sessions" }

    private func accept() {
        while connections.count < limit {
            do throws(Errno) {
                guard let client = try listener.accept() else { return }
                serve(client)
            } catch {
                return pause()
            }
        }
        want([])
    }

    private func serve(_ client: consuming OwnedDescriptor) {
        accepted += 1
        let connection = ServedConnection(accepted, client, of: self) { [unowned self] in ended($0) }
        connections[accepted] = connection
        connection.begin(refusal)
        if refusal == nil { ServiceNotice.status(status) }
    }

    private func ended(_ number: Int) {
        connections[number] = nil
        if isStopping || refusal != nil {
            if connections.isEmpty { loop.stop() }
            return
        }
        ServiceNotice.status(status)
        want(.readable)
    }

    private func want(_ interest: Interest) {
        if let registration { loop.change(registration, to: interest) }
    }

    /// Without a descriptor for it the next one would be reported again and again.
    private func pause() {
        want([])
        loop.after(nanoseconds: Self.rest) { [unowned self] in if !isStopping { want(.readable) } }
    }

    private func stop() {
        guard !isStopping else { return loop.stop() }
        isStopping = true
        ServiceNotice.stopping()
        if let registration { loop.remove(registration) }
        registration = nil
        for connection in Array(connections.values) { connection.stop() }
        if connections.isEmpty { return loop.stop() }
        loop.after(nanoseconds: Self.endTime) { [unowned self] in loop.stop() }
    }
}
