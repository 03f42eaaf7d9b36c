import StrictJSON

/// How a plain scalar is read where a type is asked for (YAML 1.2, section 10.3). `yes`, `no`, `on` and `off` are text.
extension YAMLScalar {
    var isNothing: Bool { isPlain && ["", "~", "null", "Null", "NULL"].contains { text.utf8.elementsEqual($0.utf8) } }

    var flag: Bool? {
        guard isPlain else { return nil }
        if ["true", "True", "TRUE"].contains(where: { text.utf8.elementsEqual($0.utf8) }) { return true }
        if ["false", "False", "FALSE"].contains(where: { text.utf8.elementsEqual($0.utf8) }) { return false }
        return nil
    }

    /// A number as JSON writes it. Octal and hexadecimal numbers are converted; what JSON has no token for is none.
    var number: JSONNumber? {
        guard isPlain else { return nil }
        if let value = prefixed("0x", radix: 16) ?? prefixed("0o", radix: 8) { return JSONNumber(value) }
        return JSONNumber(token: text)
    }

    /// Looks like a number to this or another reader of YAML, and is none that JSON can write: `010`, `+1`, `.5`, `.inf`, `.nan`.
    var isAmbiguousNumber: Bool {
        guard isPlain, number == nil, flag == nil, !isNothing else { return false }
        if [".inf", "-.inf", "+.inf", ".nan"].contains(where: { text.lowercased().utf8.elementsEqual($0.utf8) }) { return true }
        guard let first = text.utf8.first(where: { $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }) else { return false }
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) || first == UInt8(ascii: ".") else { return false }
        return Double(text) != nil
    }

    var kindName: String {
        if isNothing { return "null value" }
        if flag != nil { return "Boolean" }
        return isText ? "text" : "number"
    }

    /// Nothing but text could be meant.
    var isText: Bool { !isNothing && flag == nil && number == nil && !isAmbiguousNumber }

    private func prefixed(_ prefix: String, radix: Int) -> Int64? {
        guard text.utf8.starts(with: prefix.utf8), text.utf8.count > 2 else { return nil }
        let digits = text.dropFirst(2)
        guard digits.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }) else { return nil }
        return Int64(digits, radix: radix)
    }
}

extension YAMLNode {
    /// The node as JSON, plain scalars by the core schema.
    var json: JSON {
        switch content {
        case .scalar(let scalar): scalar.json
        case .list(let items): .array(items.map(\.json))
        case .mapping(let entries): .object(JSONObject(entries.map { ($0.key, $0.value.json) }))
        case .refused: .null
        }
    }
}

extension YAMLScalar {
    fileprivate var json: JSON {
        if isNothing { return .null }
        if let flag { return .bool(flag) }
        return number.map { .number($0) } ?? .string(text)
    }
}
