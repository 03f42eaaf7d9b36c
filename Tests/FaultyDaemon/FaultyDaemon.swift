import CFaults
import Daemon
import Descriptors
import Glibc
import Kernel

/// sandboxd, as the tests link it: its launches fail where `CFaults.h` says. `--steps` prints what can fail: the daemon's steps, and the numbers
/// of a child's with their names.
@main struct FaultyDaemon {
    static func main() {
        if CommandLine.arguments.dropFirst() == ["--steps"] { return printSteps() }
        exit(SandboxDaemon.main(CommandLine.arguments, watching: watch))
    }

    private static var watch: LaunchWatch {
        LaunchWatch(
            { step throws(LaunchFailure) in
                let result = cf_daemon_reaches(step.rawValue)
                guard result == 0 else { throw LaunchFailure(step, Errno(code: -result), "as the test said") }
            }, tookLease: { _ = cf_daemon_reaches("took-lease") }, reloads: { _ = cf_daemon_reaches("reload-" + $0.rawValue) })
    }

    private static func printSteps() {
        for step in LaunchStep.allCases { print("daemon \(step.rawValue)") }
        for number in UInt32(1)..<100 { print("child \(number) \(ChildStep.name(number))") }
    }
}
