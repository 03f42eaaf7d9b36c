extension JSON: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    public init(stringLiteral value: String) { self = .string(value) }
}

extension JSON: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: Int64) { self = .number(JSONNumber(value)) }
}

extension JSON: ExpressibleByBooleanLiteral {
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension JSON: ExpressibleByNilLiteral {
    public init(nilLiteral: ()) { self = .null }
}

extension JSON: ExpressibleByArrayLiteral {
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
}

extension JSON: ExpressibleByDictionaryLiteral {
    /// Keeps the order. Precondition: names are unique.
    public init(dictionaryLiteral elements: (String, JSON)...) { self = .object(JSONObject(elements)) }
}

extension JSON {
    /// An integer as a number.
    public init(_ value: Int) { self = .number(JSONNumber(Int64(value))) }

    /// A 64-bit integer as a number.
    public init(_ value: Int64) { self = .number(JSONNumber(value)) }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// Keeps the order. Precondition: names are unique.
    public init(dictionaryLiteral elements: (String, JSON)...) { self.init(elements) }
}
