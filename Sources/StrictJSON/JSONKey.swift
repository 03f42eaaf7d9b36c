/// A text by its length and its first eight bytes: what tells most names apart at once, and short ones for good.
public struct JSONKey: Sendable, Hashable {
    let length: UInt32
    let head: UInt64

    public init(_ text: Span<UInt8>) {
        length = UInt32(truncatingIfNeeded: text.count)
        var head: UInt64 = 0
        for index in (0..<min(8, text.count)).reversed() { head = head << 8 | UInt64(text[index]) }
        self.head = head
    }

    /// Of the bytes `start ..< end` of a document.
    @inline(__always)
    init(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) {
        guard start + 8 <= bytes.count else {
            self.init(bytes.extracting(start..<end))
            return
        }
        let count = end - start, word = bytes.bytes.word(start)
        self.init(length: UInt32(truncatingIfNeeded: count), head: count >= 8 ? word : word & ((1 << UInt64(count * 8)) - 1))
    }

    private init(length: UInt32, head: UInt64) {
        self.length = length
        self.head = head
    }

    /// Whether equal keys are those of equal texts.
    public var isWhole: Bool { length <= 8 }
}

extension JSONTape {
    /// The key of a string or a member's name; nil where something in it is escaped, and for anything else.
    @inline(__always)
    public func key(of node: JSONNode) -> JSONKey? {
        let entry = entry(node)
        guard entry.kind == .string, !entry.isEscaped else { return nil }
        return JSONKey(source.span, Int(entry.start), Int(entry.end))
    }
}
