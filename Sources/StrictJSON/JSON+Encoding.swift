extension JSON {
    /// Compact: no whitespace, members in order, the fewest escapes, number tokens as received.
    public func encoded() -> [UInt8] {
        var output: [UInt8] = []
        encode(into: &output)
        return output
    }

    /// Appends what `encoded()` returns.
    public func encode(into output: inout [UInt8]) {
        switch self {
        case .null: output += Array("null".utf8)
        case .bool(let value): output += Array((value ? "true" : "false").utf8)
        case .number(let value): output += Array(value.token.utf8)
        case .string(let value): StringEscaping.append(value, to: &output)
        case .array(let values): Self.encode(values, into: &output)
        case .object(let value): Self.encode(value, into: &output)
        }
    }

    private static func encode(_ values: [JSON], into output: inout [UInt8]) {
        output.append(UInt8(ascii: "["))
        for (index, value) in values.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            value.encode(into: &output)
        }
        output.append(UInt8(ascii: "]"))
    }

    private static func encode(_ object: JSONObject, into output: inout [UInt8]) {
        output.append(UInt8(ascii: "{"))
        for (index, member) in object.members.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            StringEscaping.append(member.name, to: &output)
            output.append(UInt8(ascii: ":"))
            member.value.encode(into: &output)
        }
        output.append(UInt8(ascii: "}"))
    }
}
