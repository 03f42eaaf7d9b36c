/// A condition over the arguments of a call. It is true, false or unknown.
public indirect enum Condition: Sendable, Hashable {
    /// Never empty. False if one is false, else unknown if one is.
    case all([Condition])
    /// Never empty. True if one is true, else unknown if one is.
    case any([Condition])
    case not(Condition)
    /// All of the operators hold of the argument; never empty.
    case argument(JSONPointer, [Operator])

    /// What is asked of one value. A value of another type than the operator's makes it unknown; nothing is coerced.
    public indirect enum Operator: Sendable, Hashable {
        /// Any value; numbers by value, objects whatever their order.
        case equals(JSONText)
        /// Never empty.
        case isIn([JSONText])
        /// Numbers, compared exactly. The token of a JSON number.
        case below(JSONText), atMost(JSONText), above(JSONText), atLeast(JSONText)
        /// Strings, by bytes.
        case startsWith(String), endsWith(String)
        /// A string has this string in it, or an array this element.
        case contains(JSONText)
        /// A regular expression of RE2 that is found somewhere in the string.
        case matches(String)
        /// The one operator that is never unknown.
        case exists(Bool)
        /// A path, taken lexically (relative ones from `server.cwd`), lies at or below one of these.
        case inside([String])
        /// The host of a URL is one of these names, or ends in one that begins with `*.`; or one of these addresses or networks.
        case hostIn([String])
        /// Every element of an array meets all of these.
        case each([Operator])
    }
}

/// A JSON Pointer (RFC 6901).
public struct JSONPointer: Sendable, Hashable {
    /// As written: empty, or segments that each begin with `/`.
    public let text: String
    /// Unescaped. A segment is a member's name, or the index of an element.
    public let segments: [[UInt8]]

    /// `nil` where the text is no pointer: it does not begin with `/`, or a `~` is not followed by 0 or 1.
    public init?(_ text: String) {
        var segments: [[UInt8]] = []
        for part in text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).enumerated() {
            if part.offset == 0 {
                guard part.element.isEmpty else { return nil }
            } else {
                guard let segment = Self.unescaped(part.element) else { return nil }
                segments.append(segment)
            }
        }
        self.text = text
        self.segments = segments
    }

    private static func unescaped(_ part: Substring.UTF8View) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = part[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "~") else {
                bytes.append(byte)
                continue
            }
            switch rest.popFirst() {
            case UInt8(ascii: "0"): bytes.append(UInt8(ascii: "~"))
            case UInt8(ascii: "1"): bytes.append(UInt8(ascii: "/"))
            default: return nil
            }
        }
        return bytes
    }

    public static func == (left: JSONPointer, right: JSONPointer) -> Bool { left.segments == right.segments }

    public func hash(into hasher: inout Hasher) { hasher.combine(segments) }
}
