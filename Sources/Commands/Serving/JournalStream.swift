import Descriptors
import Glibc

/// A stream into the host's journal under an identifier of its own, so that lines say of which session they are (the protocol of
/// sd_journal_stream_fd(3)).
enum JournalStream {
    private static let path = "/run/systemd/journal/stdout"

    /// nil where standard error does not lead into the journal, or the journal takes no more.
    static func open(identifier: String, unit: String) -> OwnedDescriptor? {
        guard leadsToJournal, let socket = try? UnixSocket.connectNow(to: path) else { return nil }
        // Identifier, unit, priority (6: info), whether lines begin with one, and no forwarding.
        let header = "\(identifier)\n\(unit)\n6\n0\n0\n0\n0\n"
        guard (try? socket.writeWhole(header)) != nil, (try? socket.setNonBlocking(false)) != nil else { return nil }
        return socket
    }

    /// `JOURNAL_STREAM` (systemd.exec(5)) names what standard error was then: DEVICE:INODE.
    private static var leadsToJournal: Bool {
        guard let named = getenv("JOURNAL_STREAM").map({ String(cString: $0) }), let status = try? BorrowedDescriptor.standardError.status()
        else { return false }
        return named == "\(status.device):\(status.inode)"
    }
}
