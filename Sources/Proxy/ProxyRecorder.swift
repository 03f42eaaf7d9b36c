import Descriptors
import Evidence
import StrictJSON

/// Writes what becomes of connections into the proxy's spool, before it goes on with them.
final class ProxyRecorder {
    private var spool: SpoolWriter
    private let isDurable: Bool
    private let isAhead: () -> Void
    /// Where the spool was when the daemon was asked to look last.
    private var askedAt = 0

    init(_ spool: consuming SpoolWriter, isDurable: Bool, isAhead: @escaping () -> Void) {
        self.spool = spool
        self.isDurable = isDurable
        self.isAhead = isAhead
    }

    /// False where it is not written: then nothing may come of it.
    func record(_ event: ProxyEvent) -> Bool { write(.connection, JSON.object(event.body)) }

    func write(_ kind: ReceiptKind, _ body: JSON) -> Bool {
        do throws(SpoolError) {
            if !spool.isSound { try spool.recover() }
            guard spool.position < Spool.lead else { return false }
            try spool.stage(kind, body: body.encoded())
            try spool.commit(durably: isDurable)
        } catch {
            return false
        }
        if spool.position - askedAt >= Spool.announcedLead {
            askedAt = spool.position
            isAhead()
        }
        return true
    }
}
