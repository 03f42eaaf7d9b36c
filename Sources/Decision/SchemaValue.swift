import StrictJSON

/// A value of an `enum`. Numbers are equal when their values are, strings when their bytes are, objects whatever their order.
indirect enum SchemaValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case number(JSONDecimal)
    case string([UInt8])
    case array([SchemaValue])
    case object([[UInt8]: SchemaValue])

    init(_ json: JSON) {
        switch json {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .number(let value): self = .number(value.decimal)
        case .string(let value): self = .string(Array(value.utf8))
        case .array(let values): self = .array(values.map(SchemaValue.init))
        case .object(let object):
            self = .object(Dictionary(uniqueKeysWithValues: object.members.map { (Array($0.name.utf8), SchemaValue($0.value)) }))
        }
    }

    init(_ node: JSONNode, _ tape: borrowing JSONTape) {
        switch tape.kind(of: node) {
        case .null: self = .null
        case .false: self = .bool(false)
        case .true: self = .bool(true)
        case .number: self = tape.number(node).map { .number($0.decimal) } ?? .null
        case .string: self = .string(tape.stringBytes(node) ?? [])
        case .array: self = .array(Self.elements(node, tape))
        case .object: self = .object(Self.members(node, tape))
        }
    }

    private static func elements(_ node: JSONNode, _ tape: borrowing JSONTape) -> [SchemaValue] {
        var values: [SchemaValue] = []
        var cursor = tape.firstChild(of: node)
        while let element = cursor {
            values.append(SchemaValue(element, tape))
            cursor = tape.nextElement(after: element)
        }
        return values
    }

    private static func members(_ node: JSONNode, _ tape: borrowing JSONTape) -> [[UInt8]: SchemaValue] {
        var members: [[UInt8]: SchemaValue] = [:]
        var cursor = tape.firstChild(of: node)
        while let name = cursor {
            members[tape.stringBytes(name) ?? []] = SchemaValue(tape.value(of: name), tape)
            cursor = tape.nextName(after: name)
        }
        return members
    }

    var isObject: Bool {
        if case .object = self { true } else { false }
    }

    /// What a reader that takes names for each other sees; nil when it would take two members for one.
    var folded: SchemaValue? {
        switch self {
        case .null, .bool, .number, .string: return self
        case .array(let values):
            let folded = values.compactMap(\.folded)
            return folded.count == values.count ? .array(folded) : nil
        case .object(let members):
            var folded: [[UInt8]: SchemaValue] = [:]
            for (name, value) in members {
                guard let value = value.folded, folded.updateValue(value, forKey: FoldedName(name).text) == nil else { return nil }
            }
            return .object(folded)
        }
    }
}

extension SchemaValue {
    /// Whether a value is equal. Unknown when that depends on whether names that differ in case are the same name.
    func equals(_ node: JSONNode, _ tape: borrowing JSONTape) -> Truth {
        switch self {
        case .null: Truth(tape.kind(of: node) == .null)
        case .bool(let value): Truth(tape.kind(of: node) == (value ? .true : .false))
        case .number(let value): Truth(tape.number(node)?.decimal == value)
        case .string(let value): Truth(tape.isString(node, value))
        case .array(let values): Self.equal(values, node, tape)
        case .object(let members): Self.equal(members, node, tape)
        }
    }

    private static func equal(_ values: [SchemaValue], _ node: JSONNode, _ tape: borrowing JSONTape) -> Truth {
        guard tape.kind(of: node) == .array, tape.count(of: node) == values.count else { return .false }
        var truth = Truth.true
        var cursor = tape.firstChild(of: node)
        for value in values {
            guard let element = cursor, truth != .false else { return .false }
            truth = truth && value.equals(element, tape)
            cursor = tape.nextElement(after: element)
        }
        return truth
    }

    private static func equal(_ members: [[UInt8]: SchemaValue], _ node: JSONNode, _ tape: borrowing JSONTape) -> Truth {
        guard tape.kind(of: node) == .object else { return .false }
        let isExact = tape.count(of: node) == members.count && members.keys.allSatisfy { tape.member($0, of: node) != nil }
        guard isExact else { return mayBeTakenFor(Set(members.keys.map(FoldedName.init)), node, tape) ? .unknown : .false }
        var truth = Truth.true
        for (name, value) in members {
            guard let member = tape.member(name, of: node), truth != .false else { return .false }
            truth = truth && value.equals(member, tape)
        }
        return truth
    }

    /// Whether an object's names, folded, are these.
    private static func mayBeTakenFor(_ names: Set<FoldedName>, _ node: JSONNode, _ tape: borrowing JSONTape) -> Bool {
        var found: Set<FoldedName> = []
        var cursor = tape.firstChild(of: node)
        while let name = cursor {
            guard let folded = tape.stringBytes(name).map(FoldedName.init), names.contains(folded) else { return false }
            found.insert(folded)
            cursor = tape.nextName(after: name)
        }
        return found == names
    }
}
