import Descriptors
import Evidence

/// Sessions that are over for good: the log is told, so that it need not know of each how far it came.
extension Daemon {
    /// So many that are over, and not closed, the log may know; and so many are closed in one turn of the loop.
    static let unclosedSessions = 1_024
    private static let closedAtOnce = 4_096

    /// Looks only when there are many more than there were.
    func closeSessions() {
        guard logFault == nil, log.openSessions > max(sessions.count, unclosable) + Self.unclosedSessions else { return }
        let names = closableSessions()
        unclosable = log.openSessions - names.count
        guard !names.isEmpty, spoolsAreGone() else { return }
        do throws(LogError) { try log.close(Array(names.prefix(Self.closedAtOnce)), time: Clock.realtime) } catch { logFault = error }
    }

    /// What is there may say more: the session itself, its spool or record, an act that the kernel has still to tell of, a call that somebody decides about.
    private func closableSessions() -> [String] {
        let left = Set((names(in: state.spools) + names(in: state.sessions)).map { String($0.prefix { $0 != "." }) })
        let waiting = desk.sessions
        return log.closable { sessions[$0] != nil || left.contains($0) || waiting.contains($0) || landlock?.awaits($0) == true }
    }

    /// A spool that came back with the host would be carried into the log once more.
    private func spoolsAreGone() -> Bool {
        (try? WorkingDirectory().open(state.spools, [.read, .directory]).synchronize()) != nil
    }
}
