package import Kernel

/// Who is told of each step of a launch before it is taken, and may let it fail. What is shipped has nobody: only a program of the tests, which
/// is linked with one of its own, hands one over.
package struct LaunchWatch {
    package var reached: (LaunchStep) throws(LaunchFailure) -> Void

    package init(_ reached: @escaping (LaunchStep) throws(LaunchFailure) -> Void) { self.reached = reached }

    package static var none: LaunchWatch { LaunchWatch { _ throws(LaunchFailure) in } }
}
