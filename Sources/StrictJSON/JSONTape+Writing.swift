extension JSONTape {
    /// Appends a subtree, written anew: compact, members in order, the fewest escapes, number tokens as received.
    public func encode(_ node: JSONNode = .root, into output: inout [UInt8]) {
        encode(node, edits: [], into: &output)
    }

    /// Appends a subtree with changes; of several changes of one node the first counts.
    public func encode(_ node: JSONNode = .root, edits: [JSONEdit], into output: inout [UInt8]) {
        var pending = JSONPendingEdits(edits)
        write(Int(node.index), &pending, &output)
    }

    /// A subtree, written anew.
    public func encoded(_ node: JSONNode = .root) -> [UInt8] {
        var output: [UInt8] = []
        encode(node, into: &output)
        return output
    }

    private func write(_ index: Int, _ edits: inout JSONPendingEdits, _ output: inout [UInt8]) {
        let entry = entries[index]
        let action = edits.take(index)
        if case .replace(let bytes) = action {
            edits.skip(to: Int(entry.next))
            return output.append(contentsOf: bytes)
        }
        if entry.isVerbatim, action == nil, !edits.touch(before: Int(entry.next)) { return copy(entry, &output) }
        switch entry.kind {
        case .null, .false, .true, .number: copy(entry, &output)
        case .string: writeString(entry, &output)
        case .array: writeElements(index, action, &edits, &output)
        case .object: writeMembers(index, action, &edits, &output)
        }
    }

    /// What was received is, byte for byte, what would be written.
    private func copy(_ entry: Entry, _ output: inout [UInt8]) {
        let quote = entry.kind == .string ? 1 : 0
        output.append(contentsOf: source.span, Int(entry.start) - quote, Int(entry.end) + quote)
    }

    func writeString(_ entry: Entry, _ output: inout [UInt8]) {
        guard !entry.isVerbatim else { return copy(entry, &output) }
        let source = source.span
        var reader = StringReader(entry)
        output.append(UInt8(ascii: "\""))
        while let byte = reader.next(source) { StringEscaping.append(byte, to: &output) }
        output.append(UInt8(ascii: "\""))
    }

    private func writeElements(
        _ index: Int, _ action: JSONEdit.Action?, _ edits: inout JSONPendingEdits, _ output: inout [UInt8]
    ) {
        var isFirst = true
        output.append(UInt8(ascii: "["))
        var cursor = firstChild(of: JSONNode(index))
        while let element = cursor {
            cursor = nextElement(after: element)
            if edits.takeRemoval(Int(element.index), upTo: Int(entry(element).next)) { continue }
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            write(Int(element.index), &edits, &output)
        }
        if case .appendElement(let value) = action {
            if !isFirst { output.append(UInt8(ascii: ",")) }
            output.append(contentsOf: value)
        }
        output.append(UInt8(ascii: "]"))
    }

    private func writeMembers(
        _ index: Int, _ action: JSONEdit.Action?, _ edits: inout JSONPendingEdits, _ output: inout [UInt8]
    ) {
        var isFirst = true
        output.append(UInt8(ascii: "{"))
        var cursor = firstChild(of: JSONNode(index))
        while let name = cursor {
            cursor = nextName(after: name)
            if edits.takeRemoval(Int(name.index), upTo: Int(entry(value(of: name)).next)) { continue }
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            writeString(entry(name), &output)
            output.append(UInt8(ascii: ":"))
            write(Int(name.index) + 1, &edits, &output)
        }
        if case .append(let name, let value) = action { Self.writeMember(name, value, isFirst: isFirst, &output) }
        output.append(UInt8(ascii: "}"))
    }

    private static func writeMember(_ name: String, _ value: [UInt8], isFirst: Bool, _ output: inout [UInt8]) {
        if !isFirst { output.append(UInt8(ascii: ",")) }
        StringEscaping.append(name, to: &output)
        output.append(UInt8(ascii: ":"))
        output.append(contentsOf: value)
    }
}

/// Changes in document order, consumed as the writer passes them.
struct JSONPendingEdits {
    private let edits: [JSONEdit]
    private var position = 0

    init(_ edits: [JSONEdit]) {
        self.edits = edits.count < 2 ? edits : edits.sorted { $0.node.index < $1.node.index }
    }

    private var next: Int { position < edits.count ? Int(edits[position].node.index) : .max }

    /// Whether a change lies before `index`.
    func touch(before index: Int) -> Bool { next < index }

    /// Drops the changes before `index`.
    mutating func skip(to index: Int) {
        while next < index { position += 1 }
    }

    /// The change of the node at `index`, if there is one.
    mutating func take(_ index: Int) -> JSONEdit.Action? {
        guard next == index else { return nil }
        let action = edits[position].action
        skip(to: index + 1)
        return action
    }

    /// Whether the node at `index` is to be left out; then changes inside it are dropped.
    mutating func takeRemoval(_ index: Int, upTo end: Int) -> Bool {
        guard next == index, edits[position].action == .remove else { return false }
        skip(to: end)
        return true
    }
}
