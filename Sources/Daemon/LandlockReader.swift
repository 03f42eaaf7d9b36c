import Descriptors
import EventLoop
import Evidence
import Kernel

/// Reads Landlock's records out of the kernel's audit log, where it is on, and has the daemon write down what they say of its sessions.
///
/// It never switches audit on. When somebody switches it off, or it cannot be read any more, that is told of each session that records were
/// promised for, and no other is promised any.
final class LandlockReader {
    private let log: AuditLog
    private unowned let daemon: Daemon
    private var ledger = LandlockLedger()
    private var registrations: [Registration] = []
    private var isReading = false

    /// So many records in one turn of the loop: others have their turn in between.
    private static let batch = 256
    /// What the end of the last sessions may take when the daemon ends.
    private static let lastWait: UInt64 = 1_000_000_000

    init(_ daemon: Daemon, _ log: AuditLog) {
        self.daemon = daemon
        self.log = log
    }

    func begin() throws(Errno) {
        registrations.append(try daemon.loop.register(log.recordsNumber, for: .readable) { [unowned self] _ in read() })
        registrations.append(try daemon.loop.register(log.statusNumber, for: .readable) { [unowned self] _ in hear() })
        isReading = true
    }

    /// The session's server is confined, and not released yet.
    func expect(_ session: SessionFacts, process: Int32) {
        ledger.expect(session, process: process, at: Clock.realtime / 1_000_000)
        if !isReading { tell(ledger.abandon("the audit log is not read any more")) }
    }

    /// All of the session is dead: what has come by now is told before its end is.
    func close(_ session: String) {
        guard isReading else { return }
        read()
        ledger.close(session, at: daemon.loop.now)
        tell(ledger.statements(at: daemon.loop.now))
    }

    /// Whether something may still be told of a session.
    func awaits(_ session: String) -> Bool { ledger.awaits(session) }

    /// Asks whether audit is on; the answer comes in a later turn.
    func ask() {
        guard isReading else { return }
        do throws(Errno) { try log.ask() } catch { giveUp("\(error.name) when asked whether it is on") }
    }

    /// Once a second.
    func tick() {
        guard isReading, !ledger.isEmpty else { return }
        tell(ledger.statements(at: daemon.loop.now))
        ask()
    }

    /// The loop has ended: hears out how the last sessions' domains did.
    func finish() {
        let deadline = daemon.loop.now + Self.lastWait
        while isReading, ledger.awaitsEnds, daemon.loop.now < deadline {
            _ = daemon.loop.after(nanoseconds: 10_000_000) {}
            guard (try? daemon.loop.turn(waiting: true)) != nil else { break }
        }
        guard isReading else { return }
        tell(ledger.statements(at: .max))
    }

    private func read() {
        do throws(Errno) {
            for _ in 0..<Self.batch {
                switch try log.next() {
                case .record(let record): ledger.take(record)
                case .lost, .unreadable: ledger.lose()
                case .none: return
                }
            }
        } catch {
            giveUp("\(error.name) when read")
        }
    }

    private func hear() {
        do throws(Errno) {
            if try log.answer() == false { giveUp("switched off") }
        } catch {
            giveUp("\(error.name) when asked whether it is on")
        }
    }

    private func giveUp(_ why: String) {
        guard isReading else { return }
        isReading = false
        for registration in registrations { daemon.loop.remove(registration) }
        registrations = []
        daemon.losesAudit(why)
        tell(ledger.abandon(why))
    }

    private func tell(_ statements: [LandlockLedger.Statement]) {
        for statement in statements { daemon.record(statement.kind, statement.body, statement.facts) }
    }
}
