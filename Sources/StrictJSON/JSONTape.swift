/// The one reader of JSON: one strict pass over a document gives a flat list of nodes, which can be looked up, compared,
/// decoded and written anew. A tape is reused from line to line and allocates nothing once it has grown to their size.
///
/// Nodes lie in document order; a member is its name followed by its value.
public struct JSONTape: ~Copyable {
    /// One value or member name.
    struct Entry {
        /// Offsets in the source; of strings without the quotes.
        var start: UInt32
        var end: UInt32
        /// The entry after this subtree; of a name, its value's.
        var next: UInt32
        /// The container, or `none`.
        var parent: UInt32
        var kind: JSONKind
        /// A string that contains escapes.
        var isEscaped: Bool
        /// The source bytes are exactly what would be written: compact, and escapes minimal.
        var isVerbatim: Bool

        static let none = UInt32.max
    }

    public let limits: JSONLimits
    public let whitespace: JSONWhitespace

    /// What was parsed last; a copy, so that nodes cannot outlive their bytes.
    var source: [UInt8] = []
    var entries: [Entry] = []
    var names: MemberTable
    /// The innermost open container while scanning.
    var open = Entry.none
    var depth = 0
    /// One past the last byte seen that would not be written so: whitespace, or an escape that is not minimal.
    var departure = 0
    /// Reused room for decoded names, and for sorting them.
    var scratch: [UInt8] = []
    var order: [UInt32] = []

    /// `seed` keys the hash of member names; tests may fix it.
    public init(limits: JSONLimits = .standard, whitespace: JSONWhitespace = .rfc8259, seed: UInt64? = nil) {
        self.limits = limits
        self.whitespace = whitespace
        names = MemberTable(seed: seed ?? UInt64.random(in: .min ... .max))
        entries.reserveCapacity(128)
    }

    /// Reads one document. After an error the tape holds nothing.
    public mutating func parse(_ bytes: Span<UInt8>) throws(JSONError) {
        reset()
        guard bytes.count <= limits.bytes else { throw JSONError(.tooLong, at: limits.bytes) }
        do {
            try scanDocument(bytes)
        } catch {
            entries.removeAll(keepingCapacity: true)
            throw error
        }
        source.append(contentsOf: bytes, from: 0)
    }

    /// Reads one document. After an error the tape holds nothing.
    public mutating func parse(_ bytes: [UInt8]) throws(JSONError) {
        try parse(bytes.span)
    }

    /// Reads as much as there is of a document that is cut off or spoilt: afterwards the tape holds an object of those members of
    /// the top level that are whole, or nothing. For finding out whom to answer, not for deciding.
    public mutating func salvage(_ bytes: Span<UInt8>) {
        reset()
        let bytes = bytes.extracting(first: limits.bytes)
        guard (try? scanDocument(bytes)) == nil || kind(of: .root) != .object else { return source.append(contentsOf: bytes, from: 0) }
        keepWholeMembers(bytes.count)
        if !entries.isEmpty { source.append(contentsOf: bytes, from: 0) }
    }

    private mutating func keepWholeMembers(_ count: Int) {
        guard let root = entries.first, root.kind == .object, open != Entry.none || root.next > 1 else {
            return entries.removeAll(keepingCapacity: true)
        }
        var end = 1
        while end + 1 < entries.count, isWhole(end + 1, count) { end = Int(entries[end + 1].next) }
        entries.removeLast(entries.count - min(end, entries.count))
        entries[0].next = UInt32(truncatingIfNeeded: entries.count)
        entries[0].isVerbatim = false
    }

    private func isWhole(_ index: Int, _ count: Int) -> Bool {
        let entry = entries[index]
        if entry.kind == .number { return entry.end < count }
        return !entry.kind.isContainer || entry.end > entry.start + 1
    }

    /// Whether the last parse succeeded; only then there are nodes.
    public var isEmpty: Bool { entries.isEmpty }

    /// Forgets the last document, keeping its room unless it was unusually large.
    private mutating func reset() {
        let wasLarge = source.capacity > Self.usualBytes || entries.capacity > Self.usualEntries
        source.removeAll(keepingCapacity: !wasLarge)
        entries.removeAll(keepingCapacity: !wasLarge)
        names.reset()
        open = Entry.none
        depth = 0
        departure = 0
    }

    private static let usualBytes = 1 << 17
    private static let usualEntries = 1 << 13
}
