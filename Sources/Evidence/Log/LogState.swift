/// What a log must know to go on: the tree's edge and how far each session has come.
struct LogState {
    var edge = MerkleEdge()
    var sessions = SessionTable()
    /// The first number of the segment that is being written.
    var segmentStart: UInt64 = 0
    /// How old each segment is, and how long it is kept.
    var ages = SegmentAges()
    /// Contents that a receipt says are gone, with its number.
    var erased: [ContentName: UInt64] = [:]
    /// Segments that nothing is appended to any more and that are there, by their first numbers.
    var finished: [UInt64: FileStamp] = [:]
    /// Removals that receipts tell of.
    var notices = RemovalNotices()

    var size: UInt64 { edge.size }
}
