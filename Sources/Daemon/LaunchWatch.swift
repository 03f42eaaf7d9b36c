package import Kernel

/// Who is told of each step of a launch before it is taken, and may let it fail; and of what a lease took, before the gate is. What is shipped
/// has nobody: only a program of the tests, which is linked with one of its own, hands one over.
package struct LaunchWatch {
    package var reached: (LaunchStep) throws(LaunchFailure) -> Void
    /// It is in the store, and nobody has been told.
    package var tookLease: () -> Void
    /// A step of a reload is next.
    package var reloads: (ReloadStep) -> Void

    package init(
        _ reached: @escaping (LaunchStep) throws(LaunchFailure) -> Void, tookLease: @escaping () -> Void = {},
        reloads: @escaping (ReloadStep) -> Void = { _ in }
    ) {
        self.reached = reached
        self.tookLease = tookLease
        self.reloads = reloads
    }

    package static var none: LaunchWatch { LaunchWatch { _ throws(LaunchFailure) in } }
}
