import Descriptors
import Evidence

extension Session {
    /// Whether this session has somebody who states things so.
    func states(_ owner: SpoolOwner) -> Bool {
        switch owner {
        case .gate: folder != nil
        case .proxy: proxyFolder != nil
        }
    }

    func fold(
        _ owner: SpoolOwner, _ spool: borrowing OwnedDescriptor, into log: ReceiptLog, limit: Int
    ) throws(FoldError) -> SpoolFolder.Progress {
        switch owner {
        case .gate: try folder?.fold(spool, into: log, limit: limit) ?? .caughtUp
        case .proxy: try proxyFolder?.fold(spool, into: log, limit: limit) ?? .caughtUp
        }
    }

    /// Bytes of the spool that are in the log.
    func foldedBytes(_ owner: SpoolOwner) -> Int {
        switch owner {
        case .gate: folder?.offset ?? 0
        case .proxy: proxyFolder?.offset ?? 0
        }
    }
}
