/// The members of an object, in the order received; names are unique by bytes.
public struct JSONObject: Sendable {
    public private(set) var members: [(name: String, value: JSON)]

    public init() { members = [] }

    /// Precondition: names are unique.
    public init(_ members: [(String, JSON)]) {
        self.members = members.map { (name: $0.0, value: $0.1) }
        precondition(namesAreUnique, "members of an object have unique names")
    }

    /// For the reader, which has already refused duplicates.
    init(unique members: [(name: String, value: JSON)]) { self.members = members }

    public var count: Int { members.count }
    public var isEmpty: Bool { members.isEmpty }

    /// The value of a member. Setting replaces in place or appends; nil removes.
    public subscript(_ name: String) -> JSON? {
        get { members.first { $0.name.utf8.elementsEqual(name.utf8) }?.value }
        set { set(name, to: newValue) }
    }

    private mutating func set(_ name: String, to value: JSON?) {
        let index = members.firstIndex { $0.name.utf8.elementsEqual(name.utf8) }
        switch (index, value) {
        case (let index?, let value?): members[index].value = value
        case (let index?, nil): members.remove(at: index)
        case (nil, let value?): members.append((name: name, value: value))
        case (nil, nil): break
        }
    }

    /// The members in the order of their names' bytes.
    private var inByteOrder: [(name: String, value: JSON)] {
        members.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    private var namesAreUnique: Bool {
        let sorted = inByteOrder
        return !zip(sorted, sorted.dropFirst()).contains { $0.name.utf8.elementsEqual($1.name.utf8) }
    }
}

extension JSONObject: Hashable {
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        guard left.count == right.count else { return false }
        return same(left.members, right.members) || same(left.inByteOrder, right.inByteOrder)
    }

    private static func same(_ left: [(name: String, value: JSON)], _ right: [(name: String, value: JSON)]) -> Bool {
        zip(left, right).allSatisfy { $0.name.utf8.elementsEqual($1.name.utf8) && $0.value == $1.value }
    }

    public func hash(into hasher: inout Hasher) {
        for member in inByteOrder {
            hasher.combine(bytesOf: member.name)
            hasher.combine(member.value)
        }
    }
}
