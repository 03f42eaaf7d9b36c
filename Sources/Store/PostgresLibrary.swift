import CPostgres
public import Descriptors

/// libpq, loaded when the store is to be in PostgreSQL.
public struct PostgresLibrary {
    private let functions: UnsafePointer<cpq_library>

    /// Loads it. Errors: `noEntry` without libpq, `notImplemented` for one older than version 14.
    public init() throws(Errno) {
        var problem: Int32 = 0
        guard let functions = cpq_load(&problem) else { throw Errno(code: -problem) }
        self.functions = functions
    }

    var pq: cpq_library { functions.pointee }

    var pointer: UnsafePointer<cpq_library> { functions }
}
