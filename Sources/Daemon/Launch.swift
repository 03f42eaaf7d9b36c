import ControlProtocol
import Descriptors
import EventLoop
import Evidence
import Kernel
import KernelPlan
import Policy
import SessionProtocol

/// What a session holds of the kernel: made step by step, and taken down as a whole.
///
/// INVARIANT: `remove` leaves nothing, however far the making came.
final class Launch {
    let scope: SessionScope?
    /// What ends all in the scope, where it is not root's.
    var killFile: OwnedDescriptor?
    /// What holds the policy's limits, where it has any.
    var limits: ServerLimits?
    /// What had been reached before the server was released: the self-test lives in the same cgroups.
    var reachedBefore = LimitsReached()
    /// Where this session's links are pinned.
    var pins: String?
    /// The programs that this daemon attached; those of an adopted session are known by their pins alone.
    var programs: EgressPrograms?
    var keeper: StartedProcess?
    var channel: KeeperChannel?
    /// The daemon's end of the gate's session socket.
    var gateSocket: OwnedDescriptor?
    /// The other end of the lifeline, until it is handed to `wrap`.
    var lifeline: OwnedDescriptor?
    var spool: OwnedDescriptor?
    /// The name proxy's spool, until it has it.
    var connections: OwnedDescriptor?
    /// The daemon's end of the proxy's session socket.
    var proxySocket: OwnedDescriptor?
    /// The ring buffer of what the kernel denies, until the gate has it.
    var denials: OwnedDescriptor?
    /// Kept until the server has been launched.
    var server: ServerParts?
    private var registrations: [Int32: Registration] = [:]
    let state: StateDirectory
    let session: String
    let loop: EventLoop

    /// What the server is launched and self-tested with.
    struct ServerParts: ~Copyable {
        var specification: LaunchSpecification
        var ruleset: OwnedDescriptor
        var filter: OwnedDescriptor
        /// The list of its mounts, where it has any.
        var mounts: OwnedDescriptor?
        /// Whose lent files it is shown as its own.
        var mapping: OwnedDescriptor?
        var directory: OwnedDescriptor
        /// What it enters itself.
        var controllers: DescriptorList
        /// The server's ends of its three pipes.
        var stdin: OwnedDescriptor
        var stdout: OwnedDescriptor
        var stderr: OwnedDescriptor

        private static func borrowed(_ descriptor: borrowing OwnedDescriptor?) -> BorrowedDescriptor? {
            switch descriptor {
            case .some(let descriptor): descriptor.borrowed
            case .none: nil
            }
        }

        /// For the launch itself.
        var descriptors: LaunchSpecification.Descriptors {
            LaunchSpecification.Descriptors(
                directory: directory.borrowed, ruleset: ruleset.borrowed, seccomp: filter.borrowed, mounts: Self.borrowed(mounts),
                mapping: Self.borrowed(mapping),
                controllers: (0..<controllers.count).compactMap { controllers.peek($0) },
                inherited: [stdin.borrowed, stdout.borrowed, stderr.borrowed])
        }
    }

    init(session: String, scope: SessionScope?, state: StateDirectory, loop: EventLoop) {
        self.session = session
        self.scope = scope
        self.state = state
        self.loop = loop
    }

    /// Asks the keeper to end the session in order; without a keeper to ask, kills.
    func end() {
        do {
            guard let channel else { return killScope() }
            try channel.end()
        } catch {
            killScope()
        }
    }

    /// Kills every process of the session, the keeper too.
    func killScope() {
        if let scope {
            let isKilled = (try? killFile?.writeWhole("1")) != nil
            if !isKilled { try? scope.kill() }
        } else {
            // The keeper is the first process of its PID namespace: all of it ends with it.
            keeper?.kill()
        }
    }

    /// Watches a descriptor until the launch is removed.
    func watch(_ number: Int32, _ handler: @escaping () -> Void) throws(Errno) {
        registrations[number] = try loop.register(number, for: .readable) { _ in handler() }
    }

    /// Whether the loop tells when the keeper is dead.
    var hearsOfKeepersEnd: Bool {
        guard let process = keeper?.pidfd.number else { return false }
        return registrations[process] != nil
    }

    /// Stops watching; called before the descriptor is closed.
    func unwatch(_ number: Int32) {
        if let registration = registrations.removeValue(forKey: number) { loop.remove(registration) }
    }

    /// Gives back scope, pins and files. All processes are dead. The record of a session whose spool is not yet in the log stays, so that the
    /// next daemon carries it there.
    func remove(keepingRecord: Bool = false) {
        for number in Array(registrations.keys) { unwatch(number) }
        server = nil
        killFile = nil
        spool = nil
        denials = nil
        gateSocket = nil
        connections = nil
        proxySocket = nil
        channel = nil
        lifeline = nil
        keeper = nil
        if let pins { EgressPrograms.remove(pins: pins, keepingCounts: keepingRecord) }
        limits?.remove()
        try? scope?.remove()
        let files =
            [state.keeper(session)] + (keepingRecord ? [] : [state.record(session), state.ending(session), state.documents(session)])
        for path in files { try? WorkingDirectory().unlink(path) }
    }
}
