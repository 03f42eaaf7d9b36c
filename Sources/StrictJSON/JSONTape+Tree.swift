extension JSONTape {
    /// A subtree as a tree.
    public func tree(_ node: JSONNode = .root) -> JSON {
        switch kind(of: node) {
        case .null: .null
        case .false: .bool(false)
        case .true: .bool(true)
        case .number: .number(JSONNumber(checked: String(decoding: source[range(of: node)], as: UTF8.self)))
        case .string: .string(text(node))
        case .array: .array(elements(of: node))
        case .object: .object(JSONObject(unique: members(of: node)))
        }
    }

    private func text(_ node: JSONNode) -> String {
        guard entry(node).isEscaped else { return String(decoding: source[range(of: node)], as: UTF8.self) }
        return string(node) ?? ""
    }

    private func elements(of node: JSONNode) -> [JSON] {
        var elements: [JSON] = []
        var cursor = firstChild(of: node)
        while let element = cursor {
            elements.append(tree(element))
            cursor = nextElement(after: element)
        }
        return elements
    }

    private func members(of node: JSONNode) -> [(name: String, value: JSON)] {
        var members: [(name: String, value: JSON)] = []
        var cursor = firstChild(of: node)
        while let name = cursor {
            members.append((name: text(name), value: tree(value(of: name))))
            cursor = nextName(after: name)
        }
        return members
    }
}

extension JSON {
    /// Reads one document strictly: valid UTF-8 without byte order mark, no member twice, no lone surrogates, nothing after
    /// the value, and within `limits`.
    public init(
        parsing bytes: [UInt8], limits: JSONLimits = .standard, whitespace: JSONWhitespace = .rfc8259
    ) throws(JSONError) {
        var tape = JSONTape(limits: limits, whitespace: whitespace)
        try tape.parse(bytes.span)
        self = tape.tree()
    }
}
