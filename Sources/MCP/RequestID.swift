public import StrictJSON

/// A JSON-RPC id, or a progress token: a string or an integer within ±2^53, never converted into one another.
public enum RequestID: Sendable, Hashable {
    case number(Int64)
    /// Decoded bytes.
    case string([UInt8])

    private static let largest: Int64 = 1 << 53
    /// Bytes of a string; longer ones are refused.
    public static let longest = 1_024

    /// Nil for null, booleans, fractions, exponents, integers that not every reader carries, and overlong strings.
    public init?(_ node: JSONNode, in tape: borrowing JSONTape) {
        if let value = tape.int64(node) {
            guard value.magnitude <= Self.largest else { return nil }
            self = .number(value)
        } else {
            guard let bytes = tape.stringBytes(node), bytes.count <= Self.longest else { return nil }
            self = .string(bytes)
        }
    }

    /// Appends the id as JSON.
    public func append(to output: inout [UInt8]) {
        switch self {
        case .number(let value): JSONWriter.append(value, to: &output)
        case .string(let bytes): JSON.append(string: bytes, to: &output)
        }
    }
}
