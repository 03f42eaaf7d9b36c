import ControlProtocol
import Descriptors
import Evidence
import Glibc
import KernelPlan
import StrictJSON

/// How the daemon is, over the control API.
extension Daemon {
    /// Denials that a status tells.
    private static let denialsShown = 8

    func describeStatus(_ connection: ControlConnection, _ call: borrowing ControlCall, _ peer: Peer) {
        do throws(ControlError) {
            try ApprovalParameters.requireNone(call)
            var status = status(for: peer)
            countOpenRefusals(of: peer) { count in
                status.refusals = count
                connection.reply(status.encode())
            }
        } catch {
            connection.fail(error)
        }
    }

    private func status(for peer: Peer) -> DaemonStatus {
        let shown = sessions.values.filter { peer.reaches($0.caller.uid) }
        let states = Dictionary(grouping: shown.compactMap(\.phase.state), by: \.self).mapValues { Int64($0.count) }
        let waiting = desk.waiting.filter { peer.reaches($0.asker.caller) }
        let denials = (shown.flatMap(\.denialSummaries) + pastDenials.of(peer.only)).sorted { $0.time > $1.time }
        return DaemonStatus(
            custody: custody, process: getpid(), version: ControlInterface.productVersion, started: started, starters: starters,
            sessions: states, log: logSummary, waiting: Int64(waiting.count), oldestWait: waiting.map(\.asked).min().map(Self.date),
            refusals: nil, denials: Array(denials.prefix(Self.denialsShown)))
    }

    var logSummary: LogSummary {
        LogSummary(
            receipts: Int64(clamping: log.size), signed: Int64(clamping: log.lastCheckpoint?.size ?? 0), fault: logFault?.text,
            secondCustody: secondCustody.keeper)
    }

    /// Who may start sessions here, as it is now.
    var starters: Starters {
        guard custody == .daemon else { return Starters(who: .owner, group: HostGroups.users) }
        do {
            return Starters(who: try groups.number(HostGroups.users) == nil ? .anybody : .members, group: HostGroups.users)
        } catch {
            return Starters(who: .unknown, group: HostGroups.users)
        }
    }
}
