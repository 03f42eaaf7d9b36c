import StrictJSON

/// Turns schemas into nodes. What `$ref` names is found when all schemas of the document are known.
struct SchemaCompiler {
    /// A schema that is being read.
    struct Draft {
        var node = SchemaNode()
        var number = SchemaNumberRules(), string = SchemaStringRules(), array = SchemaArrayRules(), object = SchemaObjectRules()
        var combined = SchemaCombination()
        var kinds: Set<Kind> = []
    }

    /// The kinds of keywords that a draft has.
    enum Kind { case number, string, array, object, combination }

    /// Where a keyword stands.
    struct Place {
        let pointer: String
        let keyword: String
        let depth: Int
    }

    private struct Reference {
        let node: Int
        let target: String
        let pointer: String
    }

    private static let deepest = 64

    private var nodes: [SchemaNode] = []
    private var places: [[UInt8]: Int] = [:]
    private var anchors: [[UInt8]: Int] = [:]
    private var references: [Reference] = []
    /// The size of all patterns so far.
    private(set) var patternSize = 0

    mutating func compile(_ json: JSON, at pointer: String, depth: Int) throws(SchemaProblem) -> Int {
        guard depth < Self.deepest else { throw SchemaProblem(.tooDeep, at: pointer) }
        let index = nodes.count
        nodes.append(SchemaNode())
        places[Array(pointer.utf8)] = index
        switch json {
        case .bool(true): break
        case .bool(false): nodes[index].types = []
        case .object(let object): nodes[index] = try compile(object, index, at: pointer, depth: depth)
        case .null, .number, .string, .array: throw SchemaProblem(.notSchema, at: pointer)
        }
        return index
    }

    private mutating func compile(_ object: JSONObject, _ index: Int, at pointer: String, depth: Int) throws(SchemaProblem) -> SchemaNode {
        var draft = Draft()
        for (name, value) in object.members {
            let place = Place(pointer: "\(pointer)/\(Self.escaped(name))", keyword: name, depth: depth)
            guard let keyword = SchemaKeyword(name) else { throw SchemaProblem(.unsupportedKeyword(name), at: place.pointer) }
            try take(keyword, value, &draft, index, place)
        }
        return Self.finished(draft)
    }

    private static func finished(_ draft: Draft) -> SchemaNode {
        var node = draft.node
        if draft.kinds.contains(.number) { node.number = SchemaBox(draft.number) }
        if draft.kinds.contains(.string) { node.string = SchemaBox(draft.string) }
        if draft.kinds.contains(.array) { node.array = SchemaBox(draft.array) }
        if draft.kinds.contains(.combination) { node.combined = SchemaBox(draft.combined) }
        guard draft.kinds.contains(.object) else { return node }
        var object = draft.object
        object.collectNames()
        node.object = SchemaBox(object)
        return node
    }

    /// A pattern as it is and without regard to case.
    mutating func pattern(_ text: String, at pointer: String) throws(SchemaProblem) -> (exact: SchemaPattern, folding: SchemaPattern) {
        let exact = try SchemaPattern(text, ignoringCase: false, at: pointer)
        let folding = try SchemaPattern(text, ignoringCase: true, at: pointer)
        patternSize += exact.size + folding.size
        guard patternSize <= Schema.largestPatterns else { throw SchemaProblem(.patternsTooLarge, at: pointer) }
        return (exact, folding)
    }

    // MARK: References

    mutating func takeReference(_ value: JSON, _ index: Int, _ place: Place) throws(SchemaProblem) {
        guard let target = value.string else { throw Self.badValue(place) }
        references.append(Reference(node: index, target: target, pointer: place.pointer))
    }

    /// core 8.2.2: a letter or an underscore, then letters, digits and `-_.`.
    mutating func takeAnchor(_ value: JSON, _ index: Int, _ place: Place) throws(SchemaProblem) {
        let bytes = Array((value.string ?? "").utf8)
        let isName = bytes.allSatisfy { $0.isLetter || $0.isDigit || $0.isOne(of: "-_.") }
        guard let first = bytes.first, isName, first.isLetter || first == UInt8(ascii: "_"), anchors[bytes] == nil else {
            throw Self.badValue(place)
        }
        anchors[bytes] = index
    }

    /// All nodes, with their references.
    mutating func finish() throws(SchemaProblem) -> [SchemaNode] {
        for reference in references {
            guard let target = target(of: reference.target) else {
                throw SchemaProblem(.unresolvedReference(reference.target), at: reference.pointer)
            }
            nodes[reference.node].reference = target
        }
        var search = SchemaCycleSearch(nodes)
        for reference in references where search.hasCycle(through: reference.node) {
            throw SchemaProblem(.endlessReference(reference.target), at: reference.pointer)
        }
        return nodes
    }

    private func target(of text: String) -> Int? {
        var bytes = Array(text.utf8)[...]
        guard bytes.popFirst() == UInt8(ascii: "#"), let fragment = Self.percentDecoded(bytes) else { return nil }
        return fragment.isEmpty || fragment.first == UInt8(ascii: "/") ? places[fragment] : anchors[fragment]
    }

    /// RFC 3986 section 2.1.
    private static func percentDecoded(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var output: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                output.append(byte)
                continue
            }
            guard rest.count >= 2, rest.prefix(2).allSatisfy(\.isHexDigit) else { return nil }
            output.append(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) ?? 0)
            rest = rest.dropFirst(2)
        }
        return output
    }

    /// A name as a segment of a JSON Pointer (RFC 6901 section 3).
    static func escaped(_ name: String) -> String {
        var bytes: [UInt8] = []
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "~"): bytes += Array("~0".utf8)
            case UInt8(ascii: "/"): bytes += Array("~1".utf8)
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
