import Descriptors
import EventLoop
import Kernel

/// A process of ours that was killed, until it leaves the process table. That can take long: one that a file system owes an answer does not die
/// before it has it, and nobody must wait for that.
final class KilledProcess {
    private let process: StartedProcess
    private let loop: EventLoop
    private var registration: Registration?

    private init(_ process: consuming StartedProcess, _ loop: EventLoop) {
        self.process = process
        self.loop = loop
    }

    /// Kills it now and reaps it when it is dead.
    static func end(_ process: consuming StartedProcess, in loop: EventLoop) {
        let killed = KilledProcess(process, loop)
        killed.process.kill()
        // The loop keeps it until then.
        killed.registration = try? loop.register(killed.process.pidfd.number, for: .readable) { _ in killed.reap() }
        if killed.registration == nil { killed.process.reap() }
    }

    private func reap() {
        process.reap()
        if let registration { loop.remove(registration) }
        registration = nil
    }
}
