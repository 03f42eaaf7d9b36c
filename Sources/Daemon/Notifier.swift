import Descriptors
import EventLoop
import Glibc
import Kernel

/// Runs a command for each call that begins to wait for a person, with its approval id and nothing else. It never holds anything up: few run at a
/// time, a few more wait, and what takes too long is killed.
final class Notifier {
    static let running = 4
    static let waiting = 64
    /// Nanoseconds.
    static let patience: UInt64 = 30_000_000_000

    private let command: String
    private let loop: EventLoop
    private var queue: [String] = []
    private var count = 0

    /// `command`: an absolute path.
    init(_ command: String, in loop: EventLoop) {
        self.command = command
        self.loop = loop
    }

    func notify(_ approval: String) {
        // The calls are listed all the same; only nobody is told of these.
        guard queue.count < Self.waiting else { return }
        queue.append(approval)
        startNext()
    }

    private func startNext() {
        while count < Self.running, !queue.isEmpty {
            let approval = queue.removeFirst()
            guard let process = try? start(approval) else { continue }
            count += 1
            NotifierProcess.watch(process, in: loop, patience: Self.patience) { [weak self] in
                self?.count -= 1
                self?.startNext()
            }
        }
    }

    private func start(_ approval: String) throws -> StartedProcess {
        let null = try WorkingDirectory().open("/dev/null", .readWrite)
        let specification = LaunchSpecification(
            path: Array(command.utf8), arguments: [Array(command.utf8), Array(approval.utf8)],
            environment: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "SANDBOXD_APPROVAL=\(approval)"].map {
                Array($0.utf8)
            },
            identity: LaunchSpecification.Identity(uid: geteuid(), gid: getegid(), groups: [], isChanged: false), waitsForGo: false,
            keepsPrivilege: true, dropsBounding: false)
        return try StartedProcess.start(
            specification, LaunchSpecification.Descriptors(inherited: [null.borrowed, null.borrowed, BorrowedDescriptor.standardError]))
    }
}

/// One run of the command, until it is reaped.
private final class NotifierProcess {
    private let process: StartedProcess
    private let loop: EventLoop
    private var registration: Registration?
    private var deadline: TimerToken?

    private init(_ process: consuming StartedProcess, _ loop: EventLoop) {
        self.process = process
        self.loop = loop
    }

    static func watch(_ process: consuming StartedProcess, in loop: EventLoop, patience: UInt64, then done: @escaping () -> Void) {
        let run = NotifierProcess(process, loop)
        // The loop keeps it until then.
        run.registration = try? loop.register(run.process.pidfd.number, for: .readable) { _ in
            run.finish()
            done()
        }
        guard run.registration != nil else {
            run.process.kill()
            run.process.reap(waiting: true)
            return done()
        }
        run.deadline = loop.after(nanoseconds: patience) { [weak run] in run?.process.kill() }
    }

    private func finish() {
        process.reap()
        if let deadline { loop.cancel(deadline) }
        if let registration { loop.remove(registration) }
        (deadline, registration) = (nil, nil)
    }
}
