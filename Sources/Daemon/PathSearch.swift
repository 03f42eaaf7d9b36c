import Descriptors
import EventLoop
import Kernel
import KernelPlan
import PathFinding
import Policy

/// A path finder that was asked: a process with the caller's credentials, so that root opens no path that a caller names.
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

    /// Asks a finder, as somebody. `finish` is called from the loop.
    static func start(
        _ question: PathQuestion, as identity: FinderIdentity, in daemon: Daemon, finish: @escaping (consuming Answer) -> Void
    ) throws(LaunchFailure) -> PathSearch {
        let finder = try daemon.finders.take()
        let process = finder.process
        let socket = finder.socket
        let client: PathFinderClient
        do throws(Errno) { client = try PathFinderClient(socket, as: identity, asking: question) } catch {
            KilledProcess.end(process, in: daemon.loop)
            throw LaunchFailure(.findPaths, error)
        }
        do throws(Errno) { return try PathSearch(client, process, loop: daemon.loop, finish: finish) } catch {
            throw LaunchFailure(.findPaths, error)
        }
    }

    private func receive() {
        do throws(Errno) {
            guard try client?.receive() ?? false else { return }
            unwatch()
            guard let client = client.take() else { return }
            client.finish { answer, descriptors, socket in
                guard let process = process.take() else { return }
                finish(.found(FoundPaths(answer, descriptors, reader: FileReader(process, socket, loop))))
            }
        } catch {
            let detail = client?.failedStep.map(ChildStep.name) ?? "the path finder ended"
            end()
            finish(.failed(LaunchFailure(.findPaths, error, detail)))
        }
    }

    private func unwatch() {
        if let registration { loop.remove(registration) }
        registration = nil
    }

    private func end() {
        unwatch()
        if let ended = process.take() { KilledProcess.end(ended, in: loop) }
    }

    deinit { end() }
}
