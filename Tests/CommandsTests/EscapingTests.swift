import Testing

@testable import Commands

@Suite struct EscapingTests {
    @Test(
        "what could move the cursor, reorder or hide text is shown as what it is",
        arguments: [
            ("plain text, naïve 漢字", "plain text, naïve 漢字"), ("a\u{1b}[31mred", "a\\u{1b}[31mred"), ("two\nlines", "two\\u{a}lines"),
            ("tab\there", "tab\\u{9}here"), ("\u{202e}reversed", "\\u{202e}reversed"), ("zero\u{200b}width", "zero\\u{200b}width"),
            ("c1\u{9b}31m", "c1\\u{9b}31m"), ("line\u{2028}separator", "line\\u{2028}separator"), ("tag\u{e0041}", "tag\\u{e0041}"),
            ("isolate\u{2066}", "isolate\\u{2066}"), ("delete\u{7f}", "delete\\u{7f}"), ("bom\u{feff}", "bom\\u{feff}"), ("", ""),
        ])
    func escapes(text: String, shown: String) {
        #expect(Escaping.line(text) == shown)
        #expect(Escaping.quoted(text) == "`\(shown)`")
    }

    @Test("nothing hidden is left in what is shown, whatever the scalar")
    func leavesNothingHidden() {
        for value in UInt32(0)...0x10ffff {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let isPlain = !Escaping.isHidden(scalar)
            if value < 0x20 || (0x7f...0x9f).contains(value) || (0x202a...0x202e).contains(value) || (0x2066...0x2069).contains(value) {
                #expect(!isPlain, "U+\(String(value, radix: 16))")
            }
            if !isPlain { #expect(!Escaping.line(String(scalar)).unicodeScalars.contains(scalar)) }
        }
    }

    @Test("bytes that are not UTF-8 are shown as replaced")
    func bytes() {
        #expect(Escaping.line([0x61, 0xff, 0x62]) == "a\u{fffd}b")
    }

    @Test("long input is cut, and says so")
    func cuts() {
        #expect(Escaping.quoted(String(repeating: "x", count: 300), limit: 5) == "`xxxxx…`")
    }
}
