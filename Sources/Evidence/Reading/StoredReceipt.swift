public import StrictJSON

/// A line of a log or bundle as it stands there; nothing says yet that it is a receipt.
public struct StoredReceipt: Hashable, Sendable {
    /// Without the line feed.
    public let line: [UInt8]

    /// Its members; nil when it is no strict JSON object. Parsed at each call.
    public func parsed() -> JSONObject? { (try? JSON(parsing: line))?.object }
}
