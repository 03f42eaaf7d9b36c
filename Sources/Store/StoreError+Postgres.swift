import CPostgres

extension StoreError {
    /// The meaning of a result that is none, by its SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html).
    init(_ library: PostgresLibrary, _ result: OpaquePointer) {
        guard let field = library.pq.result_error_field(result, Int32(CPQ_FIELD_SQLSTATE)) else {
            self = .unreachable
            return
        }
        self.init(sqlState: String(cString: field))
    }

    init(sqlState code: String) {
        self =
            switch code {
            // A lock that was not to be had in time, a statement that took too long.
            case "55P03", "57014": .tooSlow
            case "53100": .full
            case "25006": .readOnly
            // It is shutting down, or starts.
            case "57P01", "57P02", "57P03", "25P03": .unreachable
            default: code.hasPrefix("08") ? .unreachable : .sql(code)
            }
    }

    /// Another transaction was in the way: the same may be tried again at once.
    var isConflict: Bool { self == .sql("40001") || self == .sql("40P01") }
}
