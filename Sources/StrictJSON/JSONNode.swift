/// A value, or a member's name, in a `JSONTape`. It means something only until the tape parses again.
public struct JSONNode: Sendable, Hashable {
    let index: Int32

    @inline(__always)
    init(_ index: Int) { self.index = Int32(truncatingIfNeeded: index) }

    /// The value of the whole document.
    public static let root = JSONNode(0)
}
