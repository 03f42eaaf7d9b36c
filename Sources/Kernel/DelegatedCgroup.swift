import CLinux
public import Descriptors
public import KernelPlan

/// A cgroup that a service manager gave to one of its units (Delegate= of systemd.resource-control(5)): sessions that the unit's process asks for get
/// their scopes in it, so that whatever is done to the unit is done to them.
public enum DelegatedCgroup {
    /// Why it is not used.
    public enum Problem: Error, Sendable, Hashable {
        case none
        case notDelegated(String)
        /// Whoever may write there could move a server out of the cgroup that its programs are attached to.
        case notRoots(String)
        case systemCall(String, Errno)
    }

    /// Where the unit's own process lives: a cgroup with processes gives no controllers to those below (cgroups(7), "no internal processes").
    static let leaf = "sandboxd-serve"
    /// How systemd marks what it delegates; only a process with CAP_SYS_ADMIN can set it.
    private static let mark = "trusted.delegate"

    /// The cgroup of the unit that a process is of. The process is moved into a leaf of it, if it is not there yet; nobody else is.
    public static func take(_ process: Int32, mount: String) -> Result<CgroupTree, Problem> {
        do throws(Problem) { return .success(try taken(process, mount)) } catch { return .failure(error) }
    }

    private static func taken(_ process: Int32, _ mount: String) throws(Problem) -> CgroupTree {
        guard let path = CgroupTree.path(ofProcess: process) else { throw .none }
        let isInLeaf = path.hasSuffix("/" + leaf)
        let own = isInLeaf ? String(path.dropLast(leaf.utf8.count + 1)) : path
        let tree = CgroupTree(mount: mount, own: own)
        guard own.utf8.count > 1, clx_has_attribute(tree.directory, mark) == 1 else { throw .notDelegated(own) }
        do throws(Errno) {
            guard try isRootsAlone(tree) else { throw Errno.permission }
            if !isInLeaf { try move(process, tree) }
        } catch {
            throw error == .permission ? .notRoots(own) : .systemCall(own, error)
        }
        return tree
    }

    /// Its directory, and the files by which processes and controllers are moved.
    private static func isRootsAlone(_ tree: CgroupTree) throws(Errno) -> Bool {
        for name in ["", "/cgroup.procs", "/cgroup.threads", "/cgroup.subtree_control"] {
            let status = try WorkingDirectory().status(of: tree.directory + name, followingLinks: false)
            guard status.owner == 0, status.permissions & 0o022 == 0 else { return false }
        }
        return true
    }

    private static func move(_ process: Int32, _ tree: CgroupTree) throws(Errno) {
        let directory = tree.directory + "/" + leaf
        do throws(Errno) { try WorkingDirectory().makeDirectory(directory, mode: 0o755) } catch {
            if error != .exists { throw error }
        }
        try WorkingDirectory().open(directory + "/cgroup.procs", .write).writeWhole("\(process)")
    }

    // MARK: Limits

    /// Where the limits of a session in that cgroup are: each of these is given on to those below, or absent with its reason. A limit beside the unit,
    /// in an old hierarchy, would not be what the unit's own limits say.
    public static func controllers(of tree: CgroupTree, enabling wanted: [Controller]) -> Controllers {
        var places = Controllers()
        for controller in wanted {
            do throws(Errno) {
                try WorkingDirectory().open(tree.directory + "/cgroup.subtree_control", .write).writeWhole("+\(controller.rawValue)")
                places[controller] = .unified
            } catch {
                places[controller] = .absent(reason(error))
            }
        }
        return places
    }

    private static func reason(_ error: Errno) -> String {
        switch error {
        case .noEntry: "the cgroup of the service's unit has none"
        case .busy: "the cgroup of the service's unit has processes of its own"
        default: "\(error.name) when enabled below the cgroup of the service's unit"
        }
    }
}
