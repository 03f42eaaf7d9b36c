import ControlProtocol
import Descriptors
import Evidence
import Glibc
import KernelPlan
import Store
import StrictJSON

/// How the daemon is, over the control API.
extension Daemon {
    /// Denials that a status tells.
    private static let denialsShown = 8

    func describeStatus(_ connection: ControlConnection, _ call: borrowing ControlCall, _ peer: Peer) {
        do throws(ControlError) {
            try ApprovalParameters.requireNone(call)
            storeKeeper.examine { [weak self] fault in
                guard let self else { return }
                var status = status(for: peer, store(fault, for: peer))
                // What cannot be asked is not waited for.
                guard fault == nil else { return connection.reply(status.encode()) }
                countOpenRefusals(of: peer) { count in
                    status.refusals = count
                    connection.reply(status.encode())
                }
            }
        } catch {
            connection.fail(error)
        }
    }

    /// What the database is called, and how it is reached, is told to whoever may see everything.
    private func store(_ fault: StoreError?, for peer: Peer) -> StoreSummary {
        let detail = peer.only == nil ? storeKeeper.detail : nil
        let words = fault.map { fault in detail.map { $0.isEmpty ? fault.text : "\(fault.text): \($0)" } ?? fault.text }
        return StoreSummary(kind: storeKeeper.isShared ? .postgresql : .sqlite, fault: words)
    }

    private func status(for peer: Peer, _ store: StoreSummary) -> DaemonStatus {
        let shown = sessions.values.filter { peer.reaches($0.caller.uid) }
        let states = Dictionary(grouping: shown.compactMap(\.phase.state), by: \.self).mapValues { Int64($0.count) }
        let waiting = desk.waiting.filter { peer.reaches($0.asker.caller) }
        let denials = (shown.flatMap(\.denialSummaries) + pastDenials.of(peer.only)).sorted { $0.time > $1.time }
        return DaemonStatus(
            custody: custody, process: getpid(), version: ControlInterface.productVersion, started: started, starters: starters,
            sessions: states, log: logSummary, store: store, waiting: Int64(waiting.count),
            oldestWait: waiting.map(\.asked).min().map(Self.date), refusals: nil, denials: Array(denials.prefix(Self.denialsShown)))
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
