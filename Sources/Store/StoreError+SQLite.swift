import CSQLite

extension StoreError {
    /// The meaning of a result code, extended or not.
    init(code: Int32) {
        self =
            switch code & 0xff {
            case SQLITE_BUSY, SQLITE_LOCKED: .busy
            case SQLITE_INTERRUPT: .tooSlow
            case SQLITE_FULL: .full
            case SQLITE_READONLY: .readOnly
            case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_MISMATCH: .corrupt
            // There SQLite could not make room for the log beside the file, and says no more.
            case SQLITE_IOERR: .io
            case SQLITE_CANTOPEN: .io
            default: .failed(code: code)
            }
    }
}
