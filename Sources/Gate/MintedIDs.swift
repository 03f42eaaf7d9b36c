import Evidence
import MCP

/// Ids of what the gate itself asks a side: nobody who has not been asked can name one, so that a forged answer finds nothing.
struct MintedIDs: ~Copyable {
    private var code: HMACSHA256
    private var count: UInt64 = 0

    /// `key`: the session's own, which neither side knows.
    init(key: [UInt8]) { code = HMACSHA256(key: key) }

    /// 128 bits that nobody can foresee.
    mutating func next() -> RequestID {
        count += 1
        // Commitments are made with the same key, over JSON, or behind another word: neither begins so.
        let bytes = code.code(Array("id \(count)".utf8)).bytes.prefix(16)
        return .string(Array("sandboxd-".utf8) + bytes.flatMap { [Self.digit($0 >> 4), Self.digit($0 & 0xF)] })
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10 }
}
