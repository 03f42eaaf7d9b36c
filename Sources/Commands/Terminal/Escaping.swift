/// How foreign text is shown: so that it can neither move the cursor nor change the order in which it is read.
enum Escaping {
    /// The text on one line. Control characters, bidirectional controls, invisible ones and line separators become `\u{…}`; a tab, too.
    static func line(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isHidden) else { return text }
        return text.unicodeScalars.map(shown).joined()
    }

    /// In backticks, at most `limit` scalars of it.
    static func quoted(_ text: String, limit: Int = 200) -> String {
        let scalars = text.unicodeScalars
        guard scalars.count > limit else { return "`" + line(text) + "`" }
        return "`" + scalars.prefix(limit).map(shown).joined() + "…`"
    }

    /// Bytes of others as text; what is not UTF-8 becomes U+FFFD.
    static func line(_ bytes: some Sequence<UInt8>) -> String { line(String(decoding: Array(bytes), as: UTF8.self)) }

    private static func shown(_ scalar: Unicode.Scalar) -> String {
        isHidden(scalar) ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
    }

    /// Controls, formats (the bidirectional ones, zero-width ones, tags), line and paragraph separators, private and unassigned ones.
    static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark, .spacingMark,
            .enclosingMark,
            .decimalNumber, .letterNumber, .otherNumber, .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
            .initialPunctuation, .finalPunctuation, .otherPunctuation, .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol,
            .spaceSeparator:
            false
        @unknown default: true
        }
    }
}
