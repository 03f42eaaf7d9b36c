import CLaunch
import CLinux
public import Descriptors
import Glibc

/// A program that the daemon started itself: a keeper, a path finder.
public struct StartedProcess: ~Copyable {
    public let pid: Int32
    public let pidfd: OwnedDescriptor

    /// Whose steps are taken.
    public enum Part: Sendable, Hashable { case keeper, finder }

    /// Starts it and returns once execve has succeeded (`cl_start`). `cgroup` is a directory to be born into. A failing step's number is `step`.
    public static func start(
        _ specification: LaunchSpecification, _ descriptors: LaunchSpecification.Descriptors, as part: Part = .keeper,
        cgroup: BorrowedDescriptor? = nil
    ) throws(StartFailure) -> StartedProcess {
        let memory: OwnedDescriptor
        do { memory = try specification.write(for: descriptors) } catch {
            throw StartFailure(step: CL_STEP_READ_SPECIFICATION.rawValue, error: error)
        }
        let numbers = [memory.number] + descriptors.all.map(\.number)
        var pid: Int32 = 0
        var failed = CL_STEP_NONE
        let role = part == .finder ? CL_ROLE_FINDER : CL_ROLE_NONE
        let result = cl_start(role, cgroup?.number ?? -1, numbers, Int32(numbers.count), &pid, &failed)
        guard result >= 0 else { throw StartFailure(step: failed.rawValue, error: Errno(code: -result)) }
        return StartedProcess(pid: pid, pidfd: OwnedDescriptor(owning: result))
    }
}

/// Which step between clone and exec failed.
public struct StartFailure: Error, Sendable, Hashable {
    /// As `enum cl_step` numbers them.
    public var step: UInt32
    public var error: Errno
}

extension StartedProcess {
    /// Takes its exit status, so that it leaves the process table. Without waiting, a process that still runs is left alone.
    public func reap(waiting: Bool = false) {
        var ended = clx_exit()
        _ = clx_wait_pidfd(pidfd.number, waiting ? 1 : 0, &ended)
    }

    /// SIGKILL (pidfd_send_signal(2)).
    public func kill() { _ = clx_pidfd_send_signal(pidfd.number, SIGKILL) }
}
