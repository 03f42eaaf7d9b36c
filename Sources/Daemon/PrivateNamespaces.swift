import CLinux
import Descriptors

/// What a session without a daemon is killed by: the keeper is the first process of a PID namespace, and all end with it.
enum PrivateNamespaces {
    /// unshare(2) of user and PID namespace. Once, right before the keeper: whatever is started first becomes process 1.
    static func enter() throws(Errno) {
        let result = clx_enter_private_namespaces()
        guard result >= 0 else { throw Errno(code: -result) }
    }
}
