import CSQLite

extension StoredRow {
    /// The row that a statement has come to.
    init(_ statement: OpaquePointer) throws(StoreError) {
        var values: [StoredValue] = []
        for column in 0..<sqlite3_column_count(statement) { values.append(try Self.value(statement, column)) }
        self.values = values
    }

    private static func value(_ statement: OpaquePointer, _ column: Int32) throws(StoreError) -> StoredValue {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_NULL: .null
        case SQLITE_INTEGER: .integer(sqlite3_column_int64(statement, column))
        case SQLITE_TEXT: .text(try text(statement, column))
        case SQLITE_BLOB: .bytes(bytes(statement, column))
        default: throw .corrupt
        }
    }

    private static func text(_ statement: OpaquePointer, _ column: Int32) throws(StoreError) -> String {
        // The pointer first: it converts, and the count is then of what it points at (sqlite3_column_bytes).
        guard let bytes = sqlite3_column_text(statement, column) else { throw .failed(code: SQLITE_NOMEM) }
        let buffer = UnsafeBufferPointer(start: bytes, count: Int(sqlite3_column_bytes(statement, column)))
        guard let text = String(validating: buffer, as: UTF8.self) else { throw .corrupt }
        return text
    }

    private static func bytes(_ statement: OpaquePointer, _ column: Int32) -> [UInt8] {
        let count = Int(sqlite3_column_bytes(statement, column))
        guard let start = sqlite3_column_blob(statement, column) else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: count))
    }
}
