/// A condition over the arguments of a call. It is true, false or unknown.
///
/// In a document, a mapping is one of `all`, `any`, `not`, or an `argument` with its operators, all of which must hold.
///
/// Unknown is what a rule that denies or asks applies to, and one that allows does not. Whatever the operator, a condition is unknown
/// where the argument is missing (but for `exists`), where a reader that takes names for each other (by case, or cut at U+0000) could
/// find another value than the one meant, where the value is a number that not every reader reads alike, and where finding out would
/// take too long.
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
        /// Any value: numbers by value, strings by bytes, objects whatever their order. A value of another type is not equal.
        case equals(JSONText)
        /// Equal to one of these. Never empty.
        case isIn([JSONText])
        /// Numbers, compared exactly as decimals. The token of a JSON number. Of anything else unknown.
        case below(JSONText)
        case atMost(JSONText)
        case above(JSONText)
        case atLeast(JSONText)
        /// Strings, by bytes. Of anything else unknown.
        case startsWith(String)
        case endsWith(String)
        /// An array has an element that is equal, or a string has this string in it. Of anything else unknown, and of a string where
        /// what is looked for is none.
        case contains(JSONText)
        /// A regular expression in RE2's syntax that is found somewhere in the string. Of anything else unknown.
        case matches(String)
        /// Whether there is a value, `null` too. Unknown only where names are ambiguous.
        case exists(Bool)
        /// A path, taken lexically (`..`, `//`, `.` resolved without following links; relative ones from `server.cwd`), lies at or below
        /// one of these. Unknown: no string or an empty one, a relative path where no directory is known, and all that programs take
        /// differently: control characters and U+0000, a space at either end, `~` at the beginning, a backslash, a URI. Percent signs
        /// stand for themselves.
        case inside([String])
        /// The host of a URL, or of `host` or `host:port`, is one of these names in ASCII, below one that begins with `*.`, one of these
        /// addresses, or in one of these networks (CIDR). A name is never an address, whatever it resolves to. Unknown: all that is no
        /// such string, or that two URL parsers read differently: credentials, backslashes, control characters, spaces, percent signs
        /// and other than ASCII before the path, a dot at the end, numbers that are no plain dotted address.
        case hostIn([String])
        /// Every element of an array meets all of these; an empty array does. Of anything else unknown.
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
