import Descriptors
import Evidence
import Glibc

/// A log that no daemon keeps at the moment: whoever may write its files may change what lies beside it.
enum StoppedLog {
    /// Returns the number of the receipt that tells of it; nil where a daemon keeps the log.
    static func erase(_ kept: KeptContentPlace, in directory: String, reason: String?) throws(EraseFailure) -> UInt64? {
        guard let custody = custody(of: directory) else { throw .log(.system(.noEntry)) }
        // What another user wrote into it, its owner could not go on with.
        guard let owner = try? WorkingDirectory().status(of: directory).owner, owner == geteuid() else { throw .log(.system(.permission)) }
        let log: ReceiptLog
        do throws(LogError) {
            guard let found = try ReceiptLog.existing(keepingKeyIn: directory, custody: custody) else { throw .missingKey }
            log = found
        } catch {
            if error == .inUse { return nil }
            throw .log(error)
        }
        // Beside the log of every daemon lie the spools of its sessions.
        if (try? WorkingDirectory().status(of: "\(directory)/../spools/\(kept.session)")) != nil { throw .sessionRuns }
        return try log.erase(kept.receipt, by: geteuid(), reason: reason, time: Clock.realtime)
    }

    /// What the log is called; nil where that cannot be read.
    static func name(of directory: String) -> String? {
        guard let text = SmallFile.text("\(directory)/key.pub"), text.utf8.last == 0x0A else { return nil }
        return VerifierKey(text: String(text.dropLast()))?.name
    }

    /// Who kept it: a log goes on as it began.
    private static func custody(of directory: String) -> Custody? {
        var found: Custody?
        let isRead: ()? = try? LogLines.read(directory: directory) { line in
            found = Custody(ofLine: line)
            return false
        }
        return isRead == nil ? nil : found
    }
}
