/// What the verifier knows of a log from elsewhere; without any of it a log that is whole in itself passes.
public struct LogExpectation: Sendable {
    /// Whose log it is.
    public var key: VerifierKey?
    /// Further keys that are trusted: a proof may be signed by any of them, and a log must have had them all.
    public var otherKeys: [VerifierKey] = []
    /// So many receipts at least must be signed for.
    public var minimum: UInt64?
    /// A checkpoint that was kept elsewhere: the log must still contain exactly what it signed.
    public var checkpoint: Checkpoint?
    /// The receipt of this number is wanted: the report has its line.
    public var receipt: UInt64?
    /// Arguments that are kept lie beside the log; a copy may be without them.
    public var hasContents = true

    public init(key: VerifierKey? = nil, minimum: UInt64? = nil, checkpoint: Checkpoint? = nil, receipt: UInt64? = nil) {
        self.key = key
        self.minimum = minimum
        self.checkpoint = checkpoint
        self.receipt = receipt
    }
}
