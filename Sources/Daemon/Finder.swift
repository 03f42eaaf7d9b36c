import Descriptors
import Kernel

/// A path finder that was started and not asked yet. It has what privilege the daemon has, and gives it up before it reads what it is asked.
struct Finder: ~Copyable {
    static let name = "sandbox-finder"

    let process: StartedProcess
    let socket: OwnedDescriptor

    private init(_ process: consuming StartedProcess, _ socket: consuming OwnedDescriptor) {
        self.process = process
        self.socket = socket
    }

    static func start(_ siblings: Siblings) throws(LaunchFailure) -> Finder {
        let sockets = try LaunchStep.findPaths.run { () throws(Errno) in try SocketPair(.messages) }
        let theirs = sockets.second
        let program = try LaunchStep.findPaths.run(name) { () throws(Errno) in try siblings.open(name) }
        let null = try LaunchStep.findPaths.run { () throws(Errno) in try WorkingDirectory().open("/dev/null", .readWrite) }
        let specification = LaunchSpecification(
            path: Array("/proc/self/fd/4".utf8), arguments: [Array(name.utf8)], environment: [], identity: .own, waitsForGo: false,
            keepsPrivilege: true, dropsBounding: false)
        let inherited = [null.borrowed, null.borrowed, null.borrowed, theirs.borrowed, program.borrowed]
        do throws(StartFailure) {
            let process = try StartedProcess.start(specification, LaunchSpecification.Descriptors(inherited: inherited), as: .finder)
            return Finder(process, sockets.first)
        } catch {
            throw LaunchFailure(.findPaths, error.error, ChildStep.name(error.step))
        }
    }
}
