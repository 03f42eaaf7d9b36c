import Descriptors
import Kernel

/// Where the host's daemon makes the scopes of its sessions.
///
/// A service manager starts a service in the service's own cgroup, and a cgroup that has given controllers to those below it takes no process
/// (cgroups(7)): where scopes lie in the daemon's own, a daemon with sessions cannot be followed by another. Hence a place beside it.
enum ScopePlace: Sendable, Hashable {
    /// In the daemon's own cgroup.
    case own
    /// In another, which the service manager delegated: its name beside the daemon's own cgroup, or its path in cgroup2 from the root on.
    case other(String)

    /// The unit that has it, where sandboxd is a service.
    static let unitHelp = "under systemd it is made by `systemctl start sandboxd-sessions.service`"

    /// `nil` for what is neither a name nor a path without `.` and `..`.
    init?(text: String) {
        let names = text.split(separator: "/", omittingEmptySubsequences: false)
        let parts = text.hasPrefix("/") ? names.dropFirst() : names[...]
        guard text.hasPrefix("/") || names.count == 1, !parts.isEmpty, parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) else {
            return nil
        }
        self = .other(text)
    }

    /// Errors: `ENOENT` when it is not there, `EPERM` when it is not root's.
    func tree() throws(Errno) -> CgroupTree? {
        guard let own = try CgroupTree.find() else { return nil }
        guard case .other(let name) = self else { return own }
        let tree = name.hasPrefix("/") ? own.other(at: name) : own.beside(named: name)
        let status = try WorkingDirectory().open(tree.directory, [.read, .directory, .noFollow]).status()
        guard status.owner == 0, status.permissions & 0o022 == 0 else { throw .permission }
        return tree
    }
}
