/// What a client's configuration is written in.
public enum ConfigFormat: String, Sendable, Hashable, CaseIterable {
    /// JSON, with comments and commas before closing brackets: what a client does not take is its own to refuse.
    case json
    case toml
    case yaml
}

extension ConfigFormat {
    func read(_ bytes: [UInt8], from start: Int) throws(ConfigProblem) -> ConfigValue {
        switch self {
        case .json: try JSONCReader.read(bytes, from: start)
        case .toml: try TOMLReader.read(bytes, from: start)
        case .yaml: try YAMLPlaceReader.read(bytes, from: start)
        }
    }

    /// A text between quotes. The same escapes are known to all three; beyond JSON's, DEL must be written as one in TOML.
    func token(_ text: String) -> [UInt8] {
        var token = [UInt8(ascii: "\"")]
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": token += [UInt8(ascii: "\\"), UInt8(ascii: scalar)]
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}", "\u{FEFF}": token += Self.escape(scalar)
            default: token += Array(String(scalar).utf8)
            }
        }
        return token + [UInt8(ascii: "\"")]
    }

    private static func escape(_ scalar: Unicode.Scalar) -> [UInt8] {
        let digits = String(scalar.value, radix: 16)
        return Array(("\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits).utf8)
    }

    /// A member on one line, for whoever writes it by hand.
    func line(_ key: String, _ value: String) -> String {
        switch self {
        case .json: "\"\(key)\": \(value),"
        case .toml: "\(key) = \(value)"
        case .yaml: "\(key): \(value)"
        }
    }
}
