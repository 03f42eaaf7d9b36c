/// Turns a regular expression of ECMA-262 (with its `u` flag) into one of RE2 that means the same. What RE2 lacks, and what only
/// RE2 has, is refused: a pattern must not silently mean something else than its author read in the standard.
struct SchemaPatternTranslation {
    private let input: [UnicodeScalar]
    private var at = 0
    private var output = ""
    /// Why there is no translation.
    private(set) var fault: String?

    init(_ text: String) { input = Array(text.unicodeScalars) }

    private static let whitespace =
        #"\t-\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}"#
    private static let notWhitespace =
        #"\x00-\x08\x0e-\x1f!-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e}\x{2030}-\x{205e}"#
        + #"\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff}"#

    mutating func translated() -> String? {
        while fault == nil, let scalar = next() { translate(scalar) }
        return fault == nil ? output : nil
    }

    private var peek: UnicodeScalar? { at < input.count ? input[at] : nil }

    private mutating func next() -> UnicodeScalar? {
        guard at < input.count else { return nil }
        defer { at += 1 }
        return input[at]
    }

    private mutating func refuse(_ why: String) { fault = fault ?? why }

    private mutating func translate(_ scalar: UnicodeScalar) {
        switch scalar {
        case ".": output += #"[^\n\r\x{2028}\x{2029}]"#
        case "\\": translateEscape(inClass: false)
        case "[": translateClass()
        case "(": translateGroup()
        default: output.unicodeScalars.append(scalar)
        }
    }

    private mutating func translateGroup() {
        guard peek == "?" else {
            output += "("
            return
        }
        at += 1
        switch (next(), peek) {
        case (":", _): output += "(?:"
        case ("=", _), ("!", _), ("<", "="?), ("<", "!"?): refuse("RE2 has no lookaround")
        case ("<", _):
            while let scalar = next(), scalar != ">" {}
            output += "(?:"
        default: refuse("unknown kind of group")
        }
    }

    // MARK: Classes

    private mutating func translateClass() {
        let isNegated = peek == "^"
        if isNegated { at += 1 }
        guard peek != "]" else {
            at += 1
            output += isNegated ? #"[\x00-\x{10ffff}]"# : #"[^\x00-\x{10ffff}]"#
            return
        }
        output += isNegated ? "[^" : "["
        while fault == nil {
            switch next() {
            case nil: refuse("missing ]")
            case "]"?:
                output += "]"
                return
            case "["?: output += #"\["#
            case "\\"?: translateEscape(inClass: true)
            case let scalar?: output.unicodeScalars.append(scalar)
            }
        }
    }

    // MARK: Escapes

    private mutating func translateEscape(inClass: Bool) {
        guard let scalar = next() else { return refuse("trailing \\") }
        if inClass, scalar == "s" || scalar == "S", peek == "-", at + 1 < input.count, input[at + 1] != "]" {
            return refuse("bad range in a class")
        }
        switch scalar {
        case "d", "D", "w", "W", "t", "n", "v", "f", "r": output += "\\\(scalar)"
        case "s": output += inClass ? Self.whitespace : "[\(Self.whitespace)]"
        case "S": output += inClass ? Self.notWhitespace : "[\(Self.notWhitespace)]"
        case "b": output += inClass ? #"\x08"# : #"\b"#
        case "B" where !inClass: output += #"\B"#
        case "p", "P": translateProperty(scalar)
        case "0" where peek.map { !("0"..."9").contains($0) } ?? true: output += #"\x00"#
        case "1"..."9", "k": refuse("RE2 has no backreferences")
        case "c": translateControl()
        case "x": append(hexadecimal(2))
        case "u": append(unicodeEscape())
        default:
            guard scalar.value < 0x80, !scalar.properties.isAlphabetic, !("0"..."9").contains(scalar) else {
                return refuse("unknown escape \\\(scalar)")
            }
            output += "\\\(scalar)"
        }
    }

    private mutating func append(_ point: UInt32?) {
        guard let point, UnicodeScalar(point) != nil else { return refuse("bad escape of a character") }
        output += "\\x{\(String(point, radix: 16))}"
    }

    private mutating func translateControl() {
        guard let letter = next(), letter.isASCII, letter.properties.isAlphabetic else { return refuse("bad \\c escape") }
        append(letter.value % 32)
    }

    private mutating func hexadecimal(_ count: Int) -> UInt32? {
        guard at + count <= input.count else { return nil }
        defer { at += count }
        return Self.number(input[at..<at + count])
    }

    private static func number(_ digits: ArraySlice<UnicodeScalar>) -> UInt32? {
        var value: UInt32 = 0
        for digit in digits {
            guard digit.isASCII, digit.properties.isASCIIHexDigit, value < 1 << 28 else { return nil }
            value = value << 4 | UInt32(Character(digit).hexDigitValue ?? 0)
        }
        return digits.isEmpty ? nil : value
    }

    private mutating func unicodeEscape() -> UInt32? {
        if peek == "{" {
            guard let end = input[at...].firstIndex(of: "}") else { return nil }
            defer { at = end + 1 }
            return Self.number(input[at + 1..<end])
        }
        guard let high = hexadecimal(4) else { return nil }
        guard (0xD800...0xDBFF).contains(high) else { return high }
        guard at + 2 <= input.count, input[at] == "\\", input[at + 1] == "u" else { return nil }
        at += 2
        guard let low = hexadecimal(4), (0xDC00...0xDFFF).contains(low) else { return nil }
        return 0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)
    }

    private mutating func translateProperty(_ letter: UnicodeScalar) {
        guard peek == "{", let end = input[at...].firstIndex(of: "}") else { return refuse("bad \\\(letter) escape") }
        var name = String(String.UnicodeScalarView(input[at + 1..<end]))
        at = end + 1
        for prefix in ["Script=", "sc=", "General_Category=", "gc="] where name.utf8.starts(with: prefix.utf8) {
            name = String(decoding: name.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
            break
        }
        guard !name.isEmpty, name.utf8.allSatisfy({ $0 == UInt8(ascii: "_") || UnicodeScalar($0).properties.isAlphabetic && $0 < 0x80 })
        else {
            return refuse("bad \\\(letter) escape")
        }
        output += "\\\(letter){\(Self.categories[name] ?? name)}"
    }

    /// The long names of general categories, of which RE2 knows only the short ones.
    private static let categories = [
        "Letter": "L", "Cased_Letter": "LC", "Uppercase_Letter": "Lu", "Lowercase_Letter": "Ll", "Titlecase_Letter": "Lt",
        "Modifier_Letter": "Lm", "Other_Letter": "Lo", "Mark": "M", "Combining_Mark": "M", "Nonspacing_Mark": "Mn",
        "Spacing_Mark": "Mc", "Enclosing_Mark": "Me", "Number": "N", "Decimal_Number": "Nd", "digit": "Nd", "Letter_Number": "Nl",
        "Other_Number": "No", "Punctuation": "P", "punct": "P", "Connector_Punctuation": "Pc", "Dash_Punctuation": "Pd",
        "Open_Punctuation": "Ps", "Close_Punctuation": "Pe", "Initial_Punctuation": "Pi", "Final_Punctuation": "Pf",
        "Other_Punctuation": "Po", "Symbol": "S", "Math_Symbol": "Sm", "Currency_Symbol": "Sc", "Modifier_Symbol": "Sk",
        "Other_Symbol": "So", "Separator": "Z", "Space_Separator": "Zs", "Line_Separator": "Zl", "Paragraph_Separator": "Zp",
        "Control": "Cc", "cntrl": "Cc", "Format": "Cf", "Private_Use": "Co",
    ]
}
