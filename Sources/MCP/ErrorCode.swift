/// Codes of JSON-RPC errors that the gate sends. Its own lie outside -32768…-32000, which belongs to JSON-RPC and MCP.
public struct ErrorCode: Sendable, Hashable {
    public let value: Int64

    private init(_ value: Int64) { self.value = value }

    public static let parse = ErrorCode(-32_700)
    public static let invalidRequest = ErrorCode(-32_600)
    public static let methodNotFound = ErrorCode(-32_601)
    public static let invalidParams = ErrorCode(-32_602)

    /// Of MCP since 2026-07-28: the version that a request says is none that is served.
    public static let unsupportedVersion = ErrorCode(-32_022)

    /// A code of the gate's own: 40,000 and the number of the reason.
    public static func own(_ number: Int64) -> ErrorCode { ErrorCode(40_000 + number) }
}
