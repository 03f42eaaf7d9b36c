import CSQLite

/// One row of an answer, for as long as it is read. A column of another type than asked for was not written by us.
public struct StoredRow: ~Copyable {
    private let statement: OpaquePointer

    init(_ statement: OpaquePointer) { self.statement = statement }

    public func integer(_ column: Int32) throws(StoreError) -> Int64 {
        guard sqlite3_column_type(statement, column) == SQLITE_INTEGER else { throw .corrupt }
        return sqlite3_column_int64(statement, column)
    }

    public func text(_ column: Int32) throws(StoreError) -> String {
        guard sqlite3_column_type(statement, column) == SQLITE_TEXT else { throw .corrupt }
        // The pointer first: it converts, and the count is then of what it points at (sqlite3_column_bytes).
        guard let bytes = sqlite3_column_text(statement, column) else { throw .failed(code: SQLITE_NOMEM) }
        let buffer = UnsafeBufferPointer(start: bytes, count: Int(sqlite3_column_bytes(statement, column)))
        guard let text = String(validating: buffer, as: UTF8.self) else { throw .corrupt }
        return text
    }

    public func bytes(_ column: Int32) throws(StoreError) -> [UInt8] {
        guard sqlite3_column_type(statement, column) == SQLITE_BLOB else { throw .corrupt }
        let count = Int(sqlite3_column_bytes(statement, column))
        guard let start = sqlite3_column_blob(statement, column) else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    public func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }

    /// `nil` for what is null.
    public func optionalText(_ column: Int32) throws(StoreError) -> String? { isNull(column) ? nil : try text(column) }
    public func optionalBytes(_ column: Int32) throws(StoreError) -> [UInt8]? { isNull(column) ? nil : try bytes(column) }
    public func optionalInteger(_ column: Int32) throws(StoreError) -> Int64? { isNull(column) ? nil : try integer(column) }
}
