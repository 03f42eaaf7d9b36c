import CPostgres

/// The arguments of one statement as libpq takes them: each with its type, in the binary format.
struct PostgresArguments {
    private var types: [UInt32] = []
    private var lengths: [Int32] = []
    /// Where each begins; nil for NULL.
    private var places: [Int?] = []
    private var bytes: [UInt8] = []

    /// `now`: a test's. Errors: a text that PostgreSQL cannot hold.
    init(_ arguments: [Argument], now: Int64?) throws(StoreError) {
        for argument in arguments {
            switch argument {
            case .now: now.map { add($0) } ?? addNull(CPQ_TYPE_INT8)
            case .value(.integer(let integer)): add(integer)
            case .value(.text(let text)):
                guard !text.utf8.contains(0) else { throw .unstorable }
                add(Array(text.utf8), CPQ_TYPE_TEXT)
            case .value(.bytes(let value)): add(value, CPQ_TYPE_BYTEA)
            // Its type is that of where it stands.
            case .value(.null): addNull(0)
            }
        }
    }

    private mutating func add(_ integer: Int64) { add(withUnsafeBytes(of: integer.bigEndian) { Array($0) }, CPQ_TYPE_INT8) }

    private mutating func add(_ value: [UInt8], _ type: Int) {
        types.append(UInt32(type))
        lengths.append(Int32(value.count))
        places.append(bytes.count)
        bytes += value
    }

    private mutating func addNull(_ type: Int) {
        types.append(UInt32(type))
        lengths.append(0)
        places.append(nil)
    }

    /// PQsendQueryParams.
    func send(_ text: String, on connection: OpaquePointer, _ library: PostgresLibrary) -> Bool {
        // One byte more, so that there is an address also of nothing.
        (bytes + [0]).withUnsafeBytes { buffer in
            let start = buffer.baseAddress!.assumingMemoryBound(to: CChar.self)
            let values = places.map { $0.map { start + $0 } }
            let formats = [Int32](repeating: 1, count: places.count)
            return library.pq.send_query_params(connection, text, Int32(places.count), types, values, lengths, formats, 1) == 1
        }
    }
}
