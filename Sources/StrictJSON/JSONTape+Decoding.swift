extension JSONTape {
    /// Hands over the decoded bytes of a string or a member's name, in place when nothing in it is escaped; nil for anything else.
    public func withString<Result>(_ node: JSONNode, _ body: (Span<UInt8>) -> Result) -> Result? {
        guard kind(of: node) == .string else { return nil }
        if !entry(node).isEscaped { return body(source.span.extracting(range(of: node))) }
        var decoded: [UInt8] = []
        StringReader.append(entry(node), source.span, to: &decoded)
        return body(decoded.span)
    }

    /// How many Unicode scalars a string has; 0 for anything else.
    public func scalarCount(of node: JSONNode) -> Int {
        withString(node) { bytes in
            var count = 0
            for index in bytes.indices where bytes[index] & 0xC0 != 0x80 { count += 1 }
            return count
        } ?? 0
    }

    /// Whether two nodes are strings that decode to the same bytes.
    public func areEqualStrings(_ left: JSONNode, _ right: JSONNode) -> Bool {
        guard kind(of: left) == .string, kind(of: right) == .string else { return false }
        return StringReader.areEqual(source.span, entry(left), source.span, entry(right))
    }
}
