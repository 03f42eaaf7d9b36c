extension JSONTape {
    /// Hands over the decoded bytes of a string or a member's name, in place when nothing in it is escaped; nil for anything else.
    public func withString<Result>(_ node: JSONNode, _ body: (Span<UInt8>) -> Result) -> Result? {
        guard kind(of: node) == .string else { return nil }
        if !entry(node).isEscaped { return body(source.span.extracting(range(of: node))) }
        return withDecoded(entry(node), body)
    }

    /// Small strings are decoded on the stack.
    private func withDecoded<Result>(_ entry: Entry, _ body: (Span<UInt8>) -> Result) -> Result {
        let bytes = source.span
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Int(entry.end - entry.start)) { buffer in
            var reader = StringReader(entry)
            var count = 0
            while let byte = reader.next(bytes) {
                buffer.initializeElement(at: count, to: byte)
                count += 1
            }
            return body(Span(_unsafeElements: UnsafeBufferPointer(buffer).extracting(0..<count)))
        }
    }

    /// How many Unicode scalars a string has; 0 for anything else.
    public func scalarCount(of node: JSONNode) -> Int {
        guard kind(of: node) == .string else { return 0 }
        let bytes = source.span
        guard entry(node).isEscaped else { return Self.scalarCount(bytes.extracting(range(of: node))) }
        var reader = StringReader(entry(node))
        var count = 0
        while let byte = reader.next(bytes) {
            if byte & 0xC0 != 0x80 { count += 1 }
        }
        return count
    }

    /// All bytes but those that continue a sequence, eight at a time.
    private static func scalarCount(_ text: Span<UInt8>) -> Int {
        let raw = text.bytes
        var count = text.count, at = 0
        while at + 8 <= raw.byteCount {
            let word = raw.word(at)
            count -= (word & ~(word << 1) & 0x8080_8080_8080_8080).nonzeroBitCount
            at += 8
        }
        while at < text.count {
            if text[at] & 0xC0 == 0x80 { count -= 1 }
            at += 1
        }
        return count
    }

    /// Whether two nodes are strings that decode to the same bytes.
    public func areEqualStrings(_ left: JSONNode, _ right: JSONNode) -> Bool {
        guard kind(of: left) == .string, kind(of: right) == .string else { return false }
        return StringReader.areEqual(source.span, entry(left), source.span, entry(right))
    }
}
