import StrictJSON

/// What every bundle holds, whatever its filter: receipts without which the log's key cannot be followed, nor why it has less than it had.
enum BundleEvent: Hashable {
    case keyCreated, keyRotated
    /// Retention removed so many receipts.
    case removed(UInt64)

    /// nil for any other receipt.
    init?(_ line: ReceiptLine, _ bytes: UnsafeRawBufferPointer) {
        guard line.kind == .lifecycle, line.place == nil, let body = (try? JSON(parsing: Array(bytes)))?[ReceiptFields.body],
            let name = body[LogEvent.event]?.string
        else { return nil }
        if name.utf8.elementsEqual(LogEvent.created.utf8) {
            self = .keyCreated
        } else if name.utf8.elementsEqual(KeyRotation.event.utf8) {
            self = .keyRotated
        } else if name.utf8.elementsEqual(RemovalNotice.event.utf8), let count = body[BundleFormat.receipts]?.int64, count >= 0 {
            self = .removed(UInt64(count))
        } else {
            return nil
        }
    }
}
