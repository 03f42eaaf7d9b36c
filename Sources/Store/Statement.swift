/// One statement, written so that every database reads it alike, and what stands in its places `?1`, `?2` and so on.
struct Statement: Sendable, Hashable {
    let text: String
    let arguments: [Argument]

    init(_ text: String, _ arguments: [Argument] = []) {
        self.text = text
        self.arguments = arguments
    }
}

/// What stands in a place of a statement.
enum Argument: Sendable, Hashable {
    case value(StoredValue)
    /// The time, in seconds since 1970, by the clock that the store goes by.
    case now

    static func integer(_ integer: Int64) -> Argument { .value(.integer(integer)) }
    static func integer(_ integer: Int64?) -> Argument { .value(StoredValue(integer)) }
    static func uid(_ uid: UInt32) -> Argument { .value(.integer(Int64(uid))) }
    static func text(_ text: String) -> Argument { .value(.text(text)) }
    static func text(_ text: String?) -> Argument { .value(StoredValue(text)) }
    static func bytes(_ bytes: [UInt8]?) -> Argument { .value(bytes.map(StoredValue.bytes) ?? .null) }
}
