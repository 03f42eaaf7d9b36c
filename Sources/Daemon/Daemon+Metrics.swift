import ControlProtocol
import Descriptors
import Evidence
import Policy
import Store

/// What the daemon measures, as text.
extension Daemon {
    /// Serves metrics until the daemon ends. Who may read a unix socket: root, and the group of auditors where there is one.
    func serveMetrics(at address: MetricsAddress) throws(DaemonFailure) {
        let group: UInt32?
        do { group = try groups.number(HostGroups.auditors) } catch { throw .metrics(address.text, error) }
        metricsServer = try MetricsServer(at: address, group: group, in: loop) { [weak self] in self?.metricsText ?? "" }
    }

    var metricsText: String {
        var text = MetricsText()
        addDaemon(to: &text)
        addSessions(to: &text)
        addLaunches(to: &text)
        addReceipts(to: &text)
        return text.text
    }

    private func addDaemon(to text: inout MetricsText) {
        text.add(.build, by: "version", [(ControlInterface.productVersion, 1)])
        text.add(.started, started)
        text.add(.connections, Int64(connectionCount))
        text.add(.logWritable, logFault == nil ? 1 : 0)
        text.add(.receipts, Int64(clamping: log.size))
        text.add(.unsigned, Int64(clamping: log.size - min(log.size, log.lastCheckpoint?.size ?? 0)))
    }

    private func addSessions(to text: inout MetricsText) {
        let states = Dictionary(grouping: sessions.values.compactMap(\.phase.state), by: \.self).mapValues { Int64($0.count) }
        text.add(.sessions, by: "state", SessionSummary.State.allCases.map { ($0.rawValue, states[$0] ?? 0) })
        text.add(.spoolLag, sessions.values.map(\.spoolLag).max() ?? 0)
        let waiting = desk.waiting
        let now = Int64(Clock.realtime / 1_000_000_000)
        text.add(.waiting, Int64(waiting.count))
        text.add(.oldestWait, waiting.map(\.asked).min().map { max(0, now - Self.date($0)) } ?? 0)
        text.add(.spentBudgets, Int64(metrics.spent.count(on: Day(at: Clock.realtime))))
    }

    private func addLaunches(to text: inout MetricsText) {
        text.add(.launches, by: "outcome", DaemonMetrics.Launched.allCases.map { ($0.rawValue, metrics.launches[$0] ?? 0) })
        text.add(.launchDuration, metrics.launchDurations)
        text.add(.refusals, by: "code", Self.sorted(metrics.refusals.map { ($0.key.rawValue, $0.value) }))
    }

    private func addReceipts(to text: inout MetricsText) {
        var all = metrics.past
        var lost = metrics.pastLost
        for session in sessions.values {
            if let carried = session.folder?.carried { all.add(carried) }
            lost += session.countedLost
        }
        text.add(.decisions, by: "effect", [("forward", all.forwarded), ("hold", all.held), ("block", all.blocked)])
        text.add(.decisionDuration, all.decisions)
        text.add(.blocks, by: "reason", Self.sorted(all.blocks.map { ($0.key, $0.value) }))
        text.add(.callDuration, all.calls)
        text.add(.kernelDenials, by: "mechanism", Self.sorted(all.kernel.map { ($0.key, $0.value) }))
        text.add(.lostEvents, lost)
        text.add(.violations, metrics.violations)
    }

    private static func sorted(_ samples: [(value: String, count: Int64)]) -> [(value: String, count: Int64)] {
        samples.sorted { $0.value < $1.value }
    }
}

extension Session {
    /// So many bytes of its spool are not in the log yet.
    fileprivate var spoolLag: Int64 {
        SpoolOwner.allCases.map(lag).max() ?? 0
    }

    private func lag(_ owner: SpoolOwner) -> Int64 {
        guard states(owner), let size = try? WorkingDirectory().status(of: daemon.state.spool(id, of: owner)).size else { return 0 }
        return Int64(max(0, size - foldedBytes(owner)))
    }
}
