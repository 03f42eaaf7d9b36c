import Descriptors
import Kernel
import KernelPlan
import Policy

/// Servers of which the caller wants to be told what they ask of the kernel.
extension Session {
    /// Whoever has the listener could answer a call in the kernel's place, or put a descriptor into the server: nothing for one who is not who the server
    /// is. And there is one listener for a process: where the launch needs it, to let the server start once, nobody observes.
    func requireObservable() throws(LaunchFailure) {
        guard observes, let plan else { return }
        let uid = identity(of: plan.user).uid
        guard peer?.user == 0 || peer?.user == uid else {
            throw LaunchFailure(.makeFilter, .permission, "who observes a server must be who it runs as, uid \(uid)")
        }
        guard plan.launchesOnce else { return }
        let forbidding = layers.filter { $0.clauses.files.execute == ExecuteGrant.none }.map { "layer `\($0.name)`" }
        let whose = forbidding.isEmpty ? "the policy" : forbidding.joined(separator: ", ")
        throw LaunchFailure(.makeFilter, nil, "a server that may execute nothing cannot be observed: `files.execute: none` of \(whose)")
    }
}
