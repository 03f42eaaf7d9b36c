/// Who keeps a log: its claims are worth what the keeper is.
public enum Custody: String, Hashable, Sendable, CaseIterable {
    /// The system's daemon; the server's user cannot write the log.
    case daemon
    /// A private daemon of the user whose server it is.
    case user

    /// That of a receipt's line; nil for what is none.
    public init?(ofLine line: [UInt8]) {
        guard let receipt = try? ReceiptLine(line) else { return nil }
        self = receipt.custody
    }
}
