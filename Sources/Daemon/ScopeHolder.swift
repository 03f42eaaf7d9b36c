import Descriptors
import EventLoop
import Glibc
import Kernel

/// The one process of the service whose cgroup holds the scopes (`ScopePlace.other`). A service manager removes the cgroup of a service without
/// processes; and this one lives in a leaf, since a cgroup with processes gives no controllers to those below.
enum ScopeHolder {
    /// Until SIGTERM or SIGINT. The service manager hears that it is ready once it has moved.
    static func run() throws(DaemonFailure) {
        guard geteuid() == 0 else { throw .notRoot }
        do throws(Errno) {
            let loop = try EventLoop()
            guard let tree = try CgroupTree.find() else { throw .noEntry }
            try tree.enter(leaf: CgroupTree.holderLeaf)
            try loop.handleSignals([SIGTERM, SIGINT]) { _ in loop.stop() }
            let serviceManager = ServiceManager(ServiceEnvironment.take(), in: loop)
            serviceManager?.tell(.ready)
            try loop.run()
        } catch {
            throw .start(error)
        }
    }
}
