import Descriptors
import EventLoop
import Kernel
import KernelPlan
import PathFinding
import Policy

/// A running path finder: this very binary, started anew as the caller, so that root opens no path that a caller names.
final class PathSearch {
    /// What comes of it, once.
    enum Answer: ~Copyable {
        case found(FoundPaths)
        case failed(LaunchFailure)
    }

    private let loop: EventLoop
    private var client: PathFinderClient?
    private var process: StartedProcess?
    private var registration: Registration?
    private let finish: (consuming Answer) -> Void

    private init(
        _ client: consuming PathFinderClient, _ process: consuming StartedProcess, loop: EventLoop,
        finish: @escaping (consuming Answer) -> Void
    ) throws(Errno) {
        self.loop = loop
        self.finish = finish
        self.client = consume client
        self.process = consume process
        let socket = self.client?.socket.number ?? -1
        registration = try loop.register(socket, for: .readable) { [weak self] _ in self?.receive() }
    }

    /// Starts a finder with these credentials and asks it. `finish` is called from the loop.
    static func start(
        _ question: PathQuestion, as identity: LaunchSpecification.Identity, in daemon: Daemon, finish: @escaping (consuming Answer) -> Void
    ) throws(LaunchFailure) -> PathSearch {
        let sockets = try LaunchStep.findPaths.run { () throws(Errno) in try SocketPair(.messages) }
        let theirs = sockets.second
        let process = try startFinder(theirs, as: identity)
        let ours = sockets.first
        do throws(Errno) {
            return try PathSearch(try PathFinderClient(ours, asking: question), process, loop: daemon.loop, finish: finish)
        } catch {
            throw LaunchFailure(.findPaths, error)
        }
    }

    private static func startFinder(
        _ socket: borrowing OwnedDescriptor, as identity: LaunchSpecification.Identity
    ) throws(LaunchFailure) -> StartedProcess {
        let program = try LaunchStep.findPaths.run { () throws(Errno) in try Siblings.own() }
        let null = try LaunchStep.findPaths.run { () throws(Errno) in try WorkingDirectory().open("/dev/null", .readWrite) }
        let specification = LaunchSpecification(
            path: Array("/proc/self/fd/4".utf8), arguments: ["sandboxd", "--find-paths", "3"].map { Array($0.utf8) }, environment: [],
            identity: identity, waitsForGo: false, dropsBounding: identity.isChanged)
        let inherited = [null.borrowed, null.borrowed, null.borrowed, socket.borrowed, program.borrowed]
        do throws(StartFailure) {
            return try StartedProcess.start(specification, LaunchSpecification.Descriptors(inherited: inherited))
        } catch {
            throw LaunchFailure(.findPaths, error.error, ChildStep.name(error.step))
        }
    }

    private func receive() {
        do throws(Errno) {
            guard try client?.receive() ?? false else { return }
            end()
            guard let client = client.take() else { return }
            client.finish { answer, descriptors in finish(.found(FoundPaths(answer, descriptors))) }
        } catch {
            end()
            finish(.failed(LaunchFailure(.findPaths, error, "the path finder ended")))
        }
    }

    private func end() {
        if let registration { loop.remove(registration) }
        registration = nil
        if let ended = process.take() { KilledProcess.end(ended, in: loop) }
    }

    deinit { end() }
}
