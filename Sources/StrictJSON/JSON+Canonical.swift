extension JSON {
    /// The form of RFC 8785, for digests: names sorted by UTF-16 code units, numbers as ECMAScript writes them.
    ///
    /// Errors: with `rounding: .refused`, integers beyond ±2^53 and numbers whose digits a double does not give back; always,
    /// numbers beyond the range of a double.
    public func canonical(rounding: JSONRounding = .refused) throws(JSONCanonicalError) -> [UInt8] {
        var output: [UInt8] = []
        try canonicalize(rounding, into: &output)
        return output
    }

    private func canonicalize(_ rounding: JSONRounding, into output: inout [UInt8]) throws(JSONCanonicalError) {
        switch self {
        case .null, .bool, .string: encode(into: &output)
        case .number(let value): try CanonicalNumber.append(Array(value.token.utf8).span, rounding: rounding, to: &output)
        case .array(let values): try Self.canonicalize(values, rounding, into: &output)
        case .object(let value): try Self.canonicalize(value, rounding, into: &output)
        }
    }

    private static func canonicalize(
        _ values: [JSON], _ rounding: JSONRounding, into output: inout [UInt8]
    ) throws(JSONCanonicalError) {
        output.append(UInt8(ascii: "["))
        for (index, value) in values.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            try value.canonicalize(rounding, into: &output)
        }
        output.append(UInt8(ascii: "]"))
    }

    private static func canonicalize(
        _ object: JSONObject, _ rounding: JSONRounding, into output: inout [UInt8]
    ) throws(JSONCanonicalError) {
        let sorted = object.members.sorted { UTF16Order.precedes(Array($0.name.utf8).span, Array($1.name.utf8).span) }
        output.append(UInt8(ascii: "{"))
        for (index, member) in sorted.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            StringEscaping.append(member.name, to: &output)
            output.append(UInt8(ascii: ":"))
            try member.value.canonicalize(rounding, into: &output)
        }
        output.append(UInt8(ascii: "}"))
    }
}
