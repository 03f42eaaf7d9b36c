extension JSONTape {
    @inline(__always)
    func entry(_ node: JSONNode) -> Entry { entries[Int(node.index)] }

    /// What a node is.
    @inline(__always)
    public func kind(of node: JSONNode) -> JSONKind { entry(node).kind }

    /// Where a node lies in the document; of a string, without its quotes.
    public func range(of node: JSONNode) -> Range<Int> { Int(entry(node).start)..<Int(entry(node).end) }

    /// The first element of an array or the first name of an object; nil for anything else and when empty.
    @inline(__always)
    public func firstChild(of node: JSONNode) -> JSONNode? {
        let first = Int(node.index) + 1
        guard kind(of: node).isContainer, first < Int(entry(node).next) else { return nil }
        return JSONNode(first)
    }

    /// The element after `node` in its array.
    @inline(__always)
    public func nextElement(after node: JSONNode) -> JSONNode? { sibling(Int(entry(node).next), of: node) }

    /// The name after `name` in its object.
    @inline(__always)
    public func nextName(after name: JSONNode) -> JSONNode? { sibling(Int(entry(value(of: name)).next), of: name) }

    @inline(__always)
    private func sibling(_ index: Int, of node: JSONNode) -> JSONNode? {
        let parent = entry(node).parent
        guard parent != Entry.none, index < Int(entries[Int(parent)].next) else { return nil }
        return JSONNode(index)
    }

    /// The value of the member that is called `name`.
    @inline(__always)
    public func value(of name: JSONNode) -> JSONNode { JSONNode(Int(name.index) + 1) }

    /// The array or object that a node is in; of a member's value, the object.
    public func container(of node: JSONNode) -> JSONNode? {
        let parent = entry(node).parent
        return parent == Entry.none ? nil : JSONNode(Int(parent))
    }

    /// The value of a member, or nil when there is none or `node` is no object.
    @inline(__always)
    public func member(_ name: StaticString, of node: JSONNode) -> JSONNode? {
        precondition(name.hasPointerRepresentation)
        let text = unsafe Span(_unsafeStart: name.utf8Start, count: name.utf8CodeUnitCount)
        return member(text, of: node)
    }

    /// The value of a member, or nil when there is none or `node` is no object.
    public func member(_ name: Span<UInt8>, of node: JSONNode) -> JSONNode? {
        guard kind(of: node) == .object else { return nil }
        let source = source.span
        var cursor = firstChild(of: node)
        while let candidate = cursor {
            if StringReader.isEqual(entry(candidate), source, to: name) { return value(of: candidate) }
            cursor = nextName(after: candidate)
        }
        return nil
    }

    /// The value of a member, or nil when there is none or `node` is no object.
    public func member(_ name: [UInt8], of node: JSONNode) -> JSONNode? { member(name.span, of: node) }

    /// How many elements or members a container has; 0 for anything else.
    public func count(of node: JSONNode) -> Int {
        var count = 0
        var cursor = firstChild(of: node)
        while let child = cursor {
            count += 1
            cursor = kind(of: node) == .object ? nextName(after: child) : nextElement(after: child)
        }
        return count
    }

    /// Whether `node` is a string that decodes to `text`.
    @inline(__always)
    public func isString(_ node: JSONNode, _ text: StaticString) -> Bool {
        precondition(text.hasPointerRepresentation)
        return isString(node, unsafe Span(_unsafeStart: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Whether `node` is a string that decodes to `text`.
    public func isString(_ node: JSONNode, _ text: Span<UInt8>) -> Bool {
        kind(of: node) == .string && StringReader.isEqual(entry(node), source.span, to: text)
    }

    /// Whether `node` is a string that decodes to `text`.
    public func isString(_ node: JSONNode, _ text: [UInt8]) -> Bool { isString(node, text.span) }

    /// Appends the decoded bytes of a string; nothing for anything else.
    public func appendString(_ node: JSONNode, to output: inout [UInt8]) {
        guard kind(of: node) == .string else { return }
        StringReader.append(entry(node), source.span, to: &output)
    }

    /// The decoded bytes of a string, or nil for anything else.
    public func stringBytes(_ node: JSONNode) -> [UInt8]? {
        guard kind(of: node) == .string else { return nil }
        var output: [UInt8] = []
        appendString(node, to: &output)
        return output
    }

    /// A string, or nil for anything else.
    public func string(_ node: JSONNode) -> String? {
        stringBytes(node).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Appends a number's token as received; nothing for anything else.
    public func appendNumber(_ node: JSONNode, to output: inout [UInt8]) {
        guard kind(of: node) == .number else { return }
        output.append(contentsOf: source.span, Int(entry(node).start), Int(entry(node).end))
    }

    /// A number, or nil for anything else.
    public func number(_ node: JSONNode) -> JSONNumber? {
        guard kind(of: node) == .number else { return nil }
        return JSONNumber(checked: String(decoding: source[range(of: node)], as: UTF8.self))
    }

    /// The value of a plain integer token that fits; nil for anything else.
    public func int64(_ node: JSONNode) -> Int64? {
        guard kind(of: node) == .number else { return nil }
        let range = range(of: node)
        let isNegative = source[range.lowerBound] == UInt8(ascii: "-")
        var value: Int64 = 0
        for byte in source[range].dropFirst(isNegative ? 1 : 0) {
            let digit = byte &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            let (scaled, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carried) = scaled.addingReportingOverflow(isNegative ? -Int64(digit) : Int64(digit))
            guard !overflow, !carried else { return nil }
            value = sum
        }
        return value
    }
}

extension JSONKind {
    @inline(__always)
    var isContainer: Bool { self == .array || self == .object }
}
