import CPostgres

extension StoredRow {
    /// One row of a result in the binary format.
    init(_ library: PostgresLibrary, _ result: OpaquePointer, row: Int32) throws(StoreError) {
        var values: [StoredValue] = []
        for column in 0..<library.pq.column_count(result) { values.append(try Self.value(library, result, row, column)) }
        self.values = values
    }

    private static func value(
        _ library: PostgresLibrary, _ result: OpaquePointer, _ row: Int32, _ column: Int32
    ) throws(StoreError) -> StoredValue {
        let pq = library.pq
        if pq.is_null(result, row, column) == 1 { return .null }
        let bytes = UnsafeRawBufferPointer(start: pq.value(result, row, column), count: Int(pq.value_length(result, row, column)))
        switch Int(pq.column_type(result, column)) {
        case CPQ_TYPE_INT8 where bytes.count == 8: return .integer(Int64(bigEndian: bytes.loadUnaligned(as: Int64.self)))
        case CPQ_TYPE_INT4 where bytes.count == 4: return .integer(Int64(Int32(bigEndian: bytes.loadUnaligned(as: Int32.self))))
        case CPQ_TYPE_BYTEA: return .bytes(Array(bytes))
        case CPQ_TYPE_TEXT:
            guard let text = String(validating: bytes, as: UTF8.self) else { throw .corrupt }
            return .text(text)
        // What a lock answers.
        case CPQ_TYPE_VOID: return .null
        default: throw .corrupt
        }
    }
}
