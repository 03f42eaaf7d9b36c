import ControlProtocol
import Descriptors
import Evidence
import Glibc

/// Whoever keeps each checkpoint a second time, out of reach of a thief of the log's key: the journal, else syslog, else nobody.
///
/// Nothing is waited for: what was not taken is offered again later, and of several the last, which stands for those before it.
final class SecondCustody {
    /// Where the last checkpoint went, or where the next would go.
    private(set) var keeper: LogSummary.SecondCustody
    private let journal: String
    /// nil where only one socket is asked.
    private let syslog: String?
    private var waiting: Checkpoint?
    /// One that was given already is not given again.
    private var given: Checkpoint?

    private static let syslogSocket = "/dev/log"

    /// `socket`: of a journal; nil asks those of the host.
    init(socket: String? = nil) {
        journal = socket ?? JournalFields.socket
        syslog = socket == nil ? Self.syslogSocket : nil
        keeper = .absent
        keeper = reachable()
    }

    func give(_ checkpoint: Checkpoint) {
        guard checkpoint != given else { return }
        waiting = checkpoint
        giveAgain()
    }

    /// To be called now and then.
    func giveAgain() {
        guard let checkpoint = waiting else { return }
        if Self.send(checkpoint.journalEntry.bytes, to: journal) {
            keeper = .journal
        } else if let syslog, Self.send(checkpoint.syslogMessage(process: getpid()), to: syslog) {
            keeper = .syslog
        } else {
            keeper = .absent
            return
        }
        given = checkpoint
        waiting = nil
    }

    private func reachable() -> LogSummary.SecondCustody {
        if (try? UnixSocket.connect(to: journal, .datagrams)) != nil { return .journal }
        return syslog.flatMap { try? UnixSocket.connect(to: $0, .datagrams) } != nil ? .syslog : .absent
    }

    /// Both may be started anew at any time: no connection is kept.
    private static func send(_ bytes: [UInt8], to path: String) -> Bool {
        guard let socket = try? UnixSocket.connect(to: path, .datagrams), case .moved? = try? socket.send(bytes) else { return false }
        return true
    }
}
