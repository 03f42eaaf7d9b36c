/// When a log is signed anew: every so many receipts, and after so long while there are new ones.
public struct CheckpointRhythm: Sendable, Hashable {
    public static let standard = CheckpointRhythm(receipts: 1_000, nanoseconds: 10_000_000_000)

    public let receipts: UInt64
    public let nanoseconds: UInt64

    public init(receipts: UInt64, nanoseconds: UInt64) {
        self.receipts = receipts
        self.nanoseconds = nanoseconds
    }

    /// `since`: how long ago it was signed last.
    public func isDue(pending: UInt64, since: UInt64) -> Bool { pending >= receipts || pending > 0 && since >= nanoseconds }
}
