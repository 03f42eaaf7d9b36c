/// What a bundle that verifies says, and no more.
public struct BundleClaims: Hashable, Sendable {
    public struct Sessions: Hashable, Sendable {
        /// From the first receipt to the one of its end: none of those between is missing.
        public var ended = 0
        /// From the first receipt on without a gap, and without an end: whether more followed before the checkpoint, the bundle does not show.
        public var open = 0
        /// The filter's times leave out some of theirs, or retention did.
        public var withGaps = 0
    }

    /// Which receipts whoever made the bundle says that it holds; nobody signed that.
    public internal(set) var filter: BundleFilter
    /// Receipts of which only the hashes of subtrees are here.
    public internal(set) var leftOut: UInt64 = 0
    /// Receipts that retention had removed from the log, as it says itself; they are among those left out.
    public internal(set) var removed: UInt64 = 0
    public internal(set) var sessions = Sessions()

    init(_ filter: BundleFilter) {
        self.filter = filter
    }
}
