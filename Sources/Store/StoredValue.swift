/// What stands in a column.
public enum StoredValue: Sendable, Hashable {
    case null
    case integer(Int64)
    case text(String)
    case bytes([UInt8])

    /// `nil` is stored as such.
    public init(_ text: String?) { self = text.map(StoredValue.text) ?? .null }
    public init(_ integer: Int64?) { self = integer.map(StoredValue.integer) ?? .null }
}

extension StoredValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    public init(stringLiteral value: String) { self = .text(value) }
    public init(integerLiteral value: Int64) { self = .integer(value) }
}
