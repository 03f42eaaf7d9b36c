import StrictJSON

/// YAML as lines, whatever stands in texts: what is not plainly harmless is quoted, and what could be hidden is escaped.
struct YAMLText {
    private(set) var lines: [String] = []

    /// `comment`: behind it, where there is room; else above it.
    mutating func add(_ indent: Int, _ text: String, comment: String? = nil) {
        let space = String(repeating: " ", count: indent)
        guard let comment = comment.map({ Self.comment($0) }) else { return lines.append(space + text) }
        if indent + text.utf8.count + comment.utf8.count < 130 {
            lines.append("\(space)\(text)  # \(comment)")
        } else {
            lines.append("\(space)# \(comment)")
            lines.append(space + text)
        }
    }

    /// A comment of its own, wrapped.
    mutating func remark(_ indent: Int, _ text: String) {
        let space = String(repeating: " ", count: indent)
        let wrapped = TextWrapping.wrapped(Self.comment(text, limit: 2_000), width: 130, first: "\(space)# ", rest: "\(space)# ")
        lines += wrapped.split(separator: "\n").map(String.init)
    }

    mutating func blank() { lines.append("") }

    /// `key: value` in block style, as far as a value has one.
    mutating func block(_ indent: Int, _ key: String, _ value: JSON, comment: String? = nil) {
        switch value {
        case .object(let object) where !object.isEmpty:
            add(indent, "\(Self.scalar(key)):", comment: comment)
            for (name, member) in object.members { block(indent + 2, name, member) }
        case .array(let values) where !values.isEmpty:
            add(indent, "\(Self.scalar(key)):", comment: comment)
            for value in values { add(indent + 2, "- \(Self.flow(value))") }
        default: add(indent, "\(Self.scalar(key)): \(Self.flow(value))", comment: comment)
        }
    }

    var text: String { lines.map { $0 + "\n" }.joined() }

    // MARK: Values

    /// On one line.
    static func flow(_ value: JSON) -> String {
        switch value {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number: String(decoding: value.encoded(), as: UTF8.self)
        case .string(let text): scalar(text)
        case .array(let values): "[" + values.map(flow).joined(separator: ", ") + "]"
        case .object(let object): "{" + object.members.map { "\(scalar($0.name)): \(flow($0.value))" }.joined(separator: ", ") + "}"
        }
    }

    /// A text: bare where nobody could take it for anything else.
    static func scalar(_ text: String) -> String { isPlain(text) ? text : quoted(text) }

    private static let words: Set<String> = ["null", "true", "false", "yes", "no", "on", "off", "y", "n", "inf", "nan"]

    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 200 else { return false }
        let isLetter = { (byte: UInt8) in (0x61...0x7A).contains(byte | 0x20) }
        guard isLetter(first) || first == UInt8(ascii: "/") || first == UInt8(ascii: "_") else { return false }
        let isFine = text.utf8.allSatisfy { byte in isLetter(byte) || (0x30...0x39).contains(byte) || "_-./+@".utf8.contains(byte) }
        return isFine && !words.contains(text.lowercased())
    }

    private static func quoted(_ text: String) -> String {
        var output = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": output += "\\\""
            case "\\": output += "\\\\"
            default:
                if Escaping.isHidden(scalar) || scalar.value == 0xFEFF {
                    let digits = String(scalar.value, radix: 16)
                    output += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
                } else {
                    output.unicodeScalars.append(scalar)
                }
            }
        }
        return output + "\""
    }

    /// One line that ends nothing.
    private static func comment(_ text: String, limit: Int = 200) -> String {
        let scalars = text.unicodeScalars
        return Escaping.line(scalars.count > limit ? String(String.UnicodeScalarView(scalars.prefix(limit))) + "…" : text)
    }
}
