import StrictJSON

/// What values of a place looked like: types, members and lengths, and no value.
struct ArgumentShape: Sendable, Hashable {
    private(set) var types: Set<String> = []
    /// Code points of the longest text.
    private(set) var longest = 0
    /// Of objects.
    private(set) var members: [String: ArgumentShape] = [:]
    /// Members that each object had.
    private(set) var required: Set<String> = []
    /// Members are not told apart: they are too many, their names are none for a policy, or they lie too deep.
    private(set) var isOpen = false
    /// Of arrays: what all elements look like; at most one.
    private(set) var elements: [ArgumentShape] = []

    private static let deepest = 4
    private static let mostMembers = 64
    private static let longestName = 128
    private static let mostElements = 1_000

    init(_ value: JSON) { self.init(value, depth: 0) }

    private init(_ value: JSON, depth: Int) {
        switch value {
        case .null: types = ["null"]
        case .bool: types = ["boolean"]
        case .number(let number): types = [number.int64 == nil ? "number" : "integer"]
        case .string(let text):
            types = ["string"]
            longest = text.unicodeScalars.count
        case .array(let values):
            types = ["array"]
            guard depth < Self.deepest else { return }
            for value in values.prefix(Self.mostElements) { addElement(ArgumentShape(value, depth: depth + 1)) }
            // What was not looked at may be anything.
            if values.count > Self.mostElements { elements = [] }
        case .object(let object):
            types = ["object"]
            isOpen =
                depth >= Self.deepest || object.count > Self.mostMembers
                || object.members.contains { !Self.isWritable($0.name) }
            if isOpen { return }
            for (name, value) in object.members { members[name] = ArgumentShape(value, depth: depth + 1) }
            required = Set(members.keys)
        }
    }

    /// What a policy can have, and is not too long.
    private static func isWritable(_ name: String) -> Bool {
        name.utf8.count <= longestName && !name.unicodeScalars.contains(where: Escaping.isHidden)
    }

    private mutating func addElement(_ shape: ArgumentShape) {
        if elements.isEmpty { elements = [shape] } else { elements[0].merge(shape) }
    }

    mutating func merge(_ other: ArgumentShape) {
        let bothObjects = types.contains("object") && other.types.contains("object")
        types.formUnion(other.types)
        if types.contains("number") { types.remove("integer") }
        longest = max(longest, other.longest)
        isOpen = isOpen || other.isOpen
        required = bothObjects ? required.intersection(other.required) : required.union(other.required)
        for (name, shape) in other.members {
            if members[name] == nil { members[name] = shape } else { members[name]?.merge(shape) }
        }
        if members.count > Self.mostMembers { isOpen = true }
        if isOpen { (members, required) = ([:], []) }
        for shape in other.elements { addElement(shape) }
    }

    /// A JSON Schema that takes what was seen, and texts of up to twice the length.
    var schema: JSON {
        let sorted = types.sorted()
        var schema: JSONObject = ["type": sorted.count == 1 ? .string(sorted[0]) : .array(sorted.map(JSON.string))]
        if types.contains("string") { schema["maxLength"] = JSON(Self.room(for: longest)) }
        if types.contains("array"), let element = elements.first { schema["items"] = element.schema }
        if types.contains("object"), !isOpen {
            schema["properties"] = .object(JSONObject(members.sorted { $0.key < $1.key }.map { ($0.key, $0.value.schema) }))
            if !required.isEmpty { schema["required"] = .array(required.sorted().map(JSON.string)) }
            schema["additionalProperties"] = false
        }
        return .object(schema)
    }

    /// The next power of two above twice the length, at least 64.
    private static func room(for length: Int) -> Int {
        var room = 64
        while room < 2 * length { room *= 2 }
        return room
    }
}
