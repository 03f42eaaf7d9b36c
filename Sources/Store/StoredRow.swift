/// One row of an answer. A column of another type than asked for was not written by us.
public struct StoredRow: Sendable, Hashable {
    let values: [StoredValue]

    public func integer(_ column: Int) throws(StoreError) -> Int64 {
        guard case .integer(let integer) = values[column] else { throw .corrupt }
        return integer
    }

    public func text(_ column: Int) throws(StoreError) -> String {
        guard case .text(let text) = values[column] else { throw .corrupt }
        return text
    }

    public func bytes(_ column: Int) throws(StoreError) -> [UInt8] {
        guard case .bytes(let bytes) = values[column] else { throw .corrupt }
        return bytes
    }

    public func isNull(_ column: Int) -> Bool { values[column] == .null }

    /// `nil` for what is null.
    public func optionalText(_ column: Int) throws(StoreError) -> String? { isNull(column) ? nil : try text(column) }
    public func optionalBytes(_ column: Int) throws(StoreError) -> [UInt8]? { isNull(column) ? nil : try bytes(column) }
    public func optionalInteger(_ column: Int) throws(StoreError) -> Int64? { isNull(column) ? nil : try integer(column) }
}
