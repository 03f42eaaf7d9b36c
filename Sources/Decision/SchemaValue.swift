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

    var isObject: Bool {
        if case .object = self { true } else { false }
    }

    func equals(_ node: JSONNode, _ tape: borrowing JSONTape) -> Bool {
        switch self {
        case .null: tape.kind(of: node) == .null
        case .bool(let value): tape.kind(of: node) == (value ? .true : .false)
        case .number(let value): tape.number(node)?.decimal == value
        case .string(let value): tape.isString(node, value)
        case .array(let values): Self.equal(values, node, tape)
        case .object(let members): Self.equal(members, node, tape)
        }
    }

    private static func equal(_ values: [SchemaValue], _ node: JSONNode, _ tape: borrowing JSONTape) -> Bool {
        guard tape.kind(of: node) == .array, tape.count(of: node) == values.count else { return false }
        var cursor = tape.firstChild(of: node)
        for value in values {
            guard let element = cursor, value.equals(element, tape) else { return false }
            cursor = tape.nextElement(after: element)
        }
        return true
    }

    private static func equal(_ members: [[UInt8]: SchemaValue], _ node: JSONNode, _ tape: borrowing JSONTape) -> Bool {
        guard tape.kind(of: node) == .object, tape.count(of: node) == members.count else { return false }
        for (name, value) in members {
            guard let member = tape.member(name, of: node), value.equals(member, tape) else { return false }
        }
        return true
    }
}
