import StrictJSON

extension SchemaCompiler {
    mutating func take(
        _ keyword: SchemaKeyword, _ value: JSON, _ draft: inout Draft, _ index: Int, _ place: Place
    ) throws(SchemaProblem) {
        switch keyword {
        case .core(let keyword): try takeCore(keyword, value, &draft, index, place)
        case .combination(let keyword):
            draft.kinds.insert(.combination)
            try takeCombination(keyword, value, &draft.combined, place)
        case .number(let keyword):
            draft.kinds.insert(.number)
            try takeNumber(keyword, value, &draft.number, place)
        case .text(let keyword):
            draft.kinds.insert(.string)
            try takeString(keyword, value, &draft.string, place)
        case .list(let keyword):
            draft.kinds.insert(.array)
            try takeArray(keyword, value, &draft.array, place)
        case .object(let keyword):
            draft.kinds.insert(.object)
            try takeObject(keyword, value, &draft.object, place)
        case .annotation(let keyword):
            guard accepts(keyword, value, place) else { throw Self.badValue(place) }
        }
    }

    private mutating func takeCore(
        _ keyword: SchemaKeyword.Core, _ value: JSON, _ draft: inout Draft, _ index: Int, _ place: Place
    ) throws(SchemaProblem) {
        switch keyword {
        case .definitions: _ = try schemasByName(value, place)
        case .reference: try takeReference(value, index, place)
        case .anchor: try takeAnchor(value, index, place)
        case .type: draft.node.types.formIntersection(try types(value, place))
        case .enum: draft.node.values.append(try values(value, place))
        case .const: draft.node.values.append([SchemaValue(value)])
        }
    }

    // MARK: Values of keywords

    static func badValue(_ place: Place) -> SchemaProblem {
        SchemaProblem(.badValue(keyword: place.keyword), at: place.pointer)
    }

    private static let dialect = "https://json-schema.org/draft/2020-12/schema"

    private func accepts(_ keyword: SchemaKeyword.Annotation, _ value: JSON, _ place: Place) -> Bool {
        switch keyword {
        case .schema: value.string.map { $0 == Self.dialect || $0 == Self.dialect + "#" } ?? false
        // Another base for references than the document's is not supported, and the document's own is of no consequence.
        case .id: value.string != nil && place.pointer.utf8.elementsEqual("/$id".utf8)
        case .comment, .title, .description: value.string != nil
        case .deprecated, .readOnly, .writeOnly: value.bool != nil
        case .examples: value.array != nil
        case .default: true
        }
    }

    /// An integer that is not negative, `1.0` too.
    func count(_ value: JSON, _ place: Place) throws(SchemaProblem) -> Int {
        guard case .number(let number) = value, number.decimal.isInteger, number.decimal.isModest, number.double >= 0 else {
            throw Self.badValue(place)
        }
        return Int(exactly: number.double.rounded()) ?? .max
    }

    private func types(_ value: JSON, _ place: Place) throws(SchemaProblem) -> SchemaTypes {
        let words = value.array ?? [value]
        guard !words.isEmpty else { throw Self.badValue(place) }
        var types: SchemaTypes = []
        for word in words {
            guard let one = word.string.flatMap(SchemaTypes.init(word:)) else { throw Self.badValue(place) }
            types.formUnion(one)
        }
        return types
    }

    private func values(_ value: JSON, _ place: Place) throws(SchemaProblem) -> [SchemaValue] {
        guard let items = value.array, !items.isEmpty else { throw Self.badValue(place) }
        return items.map(SchemaValue.init)
    }

    func names(_ value: JSON, _ place: Place) throws(SchemaProblem) -> [SchemaName] {
        guard let items = value.array else { throw Self.badValue(place) }
        var names: [SchemaName] = []
        var seen: Set<SchemaName> = []
        for (index, item) in items.enumerated() {
            guard let name = item.string.map({ SchemaName($0) }), seen.insert(name).inserted else {
                throw SchemaProblem(.badValue(keyword: place.keyword), at: "\(place.pointer)/\(index)")
            }
            names.append(name)
        }
        return names
    }

    // MARK: Schemas in schemas

    mutating func schema(_ value: JSON, _ place: Place) throws(SchemaProblem) -> Int {
        try compile(value, at: place.pointer, depth: place.depth + 1)
    }

    mutating func schemas(_ value: JSON, _ place: Place) throws(SchemaProblem) -> [Int] {
        guard let items = value.array, !items.isEmpty else { throw Self.badValue(place) }
        var found: [Int] = []
        for (index, item) in items.enumerated() {
            found.append(try compile(item, at: "\(place.pointer)/\(index)", depth: place.depth + 1))
        }
        return found
    }

    mutating func schemasByName(_ value: JSON, _ place: Place) throws(SchemaProblem) -> [SchemaObjectRules.Property] {
        guard let object = value.object else { throw Self.badValue(place) }
        var found: [SchemaObjectRules.Property] = []
        for (name, schema) in object.members {
            let index = try compile(schema, at: "\(place.pointer)/\(Self.escaped(name))", depth: place.depth + 1)
            found.append(SchemaObjectRules.Property(name: SchemaName(name), schema: index))
        }
        return found
    }
}
