import Policy
import TestSupport
import Testing

import struct Policy.SourceLocation

@testable import Commands

private let source = """
    sandboxd: 1
    name: notes
    files:
    \tread: [/usr/share/dict]
      path: [/x]
    egress: {tcp: ["api.example.com:443"]}
    """

@Suite struct RefusalTextTests {
    private static var plain: RefusalText { RefusalText(source: { $0 == "notes.yaml" ? Array(source.utf8) : nil }, style: .plain) }

    private static func at(_ line: Int, _ column: Int, _ length: Int, file: String = "notes.yaml") -> SourceLocation {
        SourceLocation(file: file, line: line, column: column, length: length)
    }

    @Test("a reason is printed as a compiler prints an error")
    func wholeReason() {
        let reason = Reason(.unknownKey, at: Self.at(5, 3, 4), ["key": "path", "place": "files", "near": "paths"])
        #expect(
            Self.plain.text(reason) == """
                notes.yaml:5:3: refused[R107]: unknown key `path` in `files`
                   |
                 5 |   path: [/x]
                   |   ^~~~
                   = help: did you mean `paths`?

                """)
    }

    @Test("why and help stand under the caret")
    func whyAndHelp() {
        let reason = Reason(.badEndpoint, at: Self.at(6, 15, 21), ["endpoint": "api.example.com:443", "problem": "hostName"])
        #expect(
            Self.plain.text(reason) == """
                notes.yaml:6:15: refused[R114]: `api.example.com:443` is not an endpoint
                   |
                 6 | egress: {tcp: ["api.example.com:443"]}
                   |               ^~~~~~~~~~~~~~~~~~~~~
                   = why: it is a name; the kernel sees addresses
                   = help: write the address; names belong under `egress.names`

                """)
    }

    @Test("a tab before the place does not move the caret")
    func tabs() {
        let reason = Reason(
            .pathNotFound, at: Self.at(4, 9, 15), ["path": "/usr/share/dict", "error": "ENOENT", "component": "/usr/share/dict"])
        #expect(
            Self.plain.text(reason).contains(
                """
                 4 |  read: [/usr/share/dict]
                   |         ^~~~~~~~~~~~~~~
                """))
    }

    @Test("without a place, or without its text, there is no excerpt")
    func noExcerpt() {
        #expect(
            Self.plain.text(Reason(.commandNotFound, ["command": "x"])) == """
                refused[R403]: command `x` is not found
                  = help: install it, or give its path

                """)
        #expect(
            Self.plain.text(Reason(.severalDocuments, at: Self.at(1, 1, 1, file: "other.yaml"))).hasPrefix(
                "other.yaml:1:1: refused[R104]: a second"))
        #expect(!Self.plain.text(Reason(.severalDocuments, at: Self.at(99, 1, 1))).contains("|"))
        #expect(!Self.plain.text(Reason(.severalDocuments, at: Self.at(1, 99, 1))).contains("|"))
    }

    @Test("input cannot steer the reader's terminal")
    func escapesInput() {
        let hostile = "\u{1b}]0;title\u{7}\u{202e}"
        for code in ReasonCode.allCases {
            let names = [
                "file", "error", "problem", "what", "key", "firstLine", "place", "expected", "found", "value", "near", "pattern",
                "endpoint",
                "variable", "input", "include", "other", "otherFile", "otherLine", "limit", "keyword", "pointer", "id", "path", "clause",
                "mechanism", "observed", "needs", "gap", "hook", "programs", "syscall", "component", "link", "target", "resolved", "user",
                "missing", "leftOut", "why", "format", "reference", "reaches", "links", "kind", "command", "searched",
            ]
            let facts = Dictionary(uniqueKeysWithValues: names.map { ($0, hostile) })
            let text = RefusalText(source: { _ in Array(hostile.utf8) }, style: .plain).text(
                Reason(code, at: Self.at(1, 1, 3, file: hostile), facts))
            #expect(!text.unicodeScalars.contains { Escaping.isHidden($0) && $0 != "\n" }, "\(code)")
        }
    }

    @Test("every reason has words: lower case, no full stop, something to do next or something behind it", arguments: ReasonCode.allCases)
    func everyCodeHasWords(code: ReasonCode) {
        let words = ReasonWords(Reason(code))
        for sentence in [words.message, words.why, words.help].compactMap(\.self) {
            #expect(!sentence.hasSuffix("."))
            #expect(sentence.first?.isUppercase == false, "\(sentence)")
            #expect(!sentence.isEmpty)
        }
        #expect(words.why != nil || words.help != nil)
    }

    @Test("colours are around the words, never inside the input")
    func colours() {
        let coloured = RefusalText(source: { _ in nil }, style: Style(isColoured: true)).text(Reason(.commandNotFound, ["command": "x"]))
        #expect(coloured.contains("\u{1b}[1;31mrefused[R403]:\u{1b}[0m \u{1b}[1mcommand `x` is not found\u{1b}[0m"))
    }

    @Test(
        "the caret stands beneath its place, whatever a character's width",
        arguments: [
            ("a: \"日本\" x", 9, "          ^"), ("e\u{301}\u{301} x", 5, "  ^"), ("\tx\r", 2, " ^"), ("x", 2, " ^"),
        ])
    func columns(text: String, column: Int, caret: String) {
        let excerpt = SourceExcerpt(of: Self.at(1, column, 1), in: Array(text.utf8))
        #expect(excerpt?.caret == caret)
        #expect(excerpt?.line.contains("\r") == false)
    }

    @Test("several reasons on one line each show it, in their order")
    func oneLine() {
        let reasons = [
            Reason(.unknownKey, at: Self.at(6, 1, 6), ["key": "egress", "place": "document"]),
            Reason(.badEndpoint, at: Self.at(6, 15, 21), ["endpoint": "x", "problem": "noPort"]),
        ]
        let lines = Self.plain.text(reasons).split(separator: "\n")
        #expect(lines.count { $0.hasPrefix(" 6 | egress") } == 2)
        #expect(lines.filter { $0.hasSuffix("^~~~~~") || $0.hasSuffix("^" + String(repeating: "~", count: 20)) }.count == 2)
    }

    @Test(
        "sizes, kinds and names are said in words",
        arguments: [
            (Reason(.tooLarge, ["what": "depth", "limit": "32"]), "the policy is nested too deeply"),
            (Reason(.tooLarge, ["what": "includes", "limit": "48"]), "there are too many includes"),
            (
                Reason(.wrongFileKind, ["path": "/dev/sda", "kind": "other", "expected": "socket"]),
                "`/dev/sda` is neither a directory, a regular file nor a socket and must be a socket"
            ),
            (Reason(.wrongType, ["place": "name", "expected": "a list", "found": "text"]), "`name` must be a list, and is text"),
            (Reason(.empty, ["place": "document"]), "the document is empty"),
        ])
    func words(reason: Reason, message: String) { #expect(ReasonWords(reason).message == message) }

    @Test("a preset that is nearly named is suggested, and a mechanism that is not tried is not said to have been")
    func suggestions() {
        #expect(
            ReasonWords(Reason(.badInclude, ["include": "runtime-pyhton", "problem": "notFound"])).help == "did you mean `runtime-python`?")
        let facts = ["clause": "egress.udp", "mechanism": "landlock-udp", "observed": "absent (not tried)", "needs": "Landlock ABI 10"]
        let words = ReasonWords(Reason(.mechanismUnavailable, facts))
        #expect(words.why == "`landlock-udp` (UDP by port) would hold it, and this version does not try it yet")
    }

    @Test("a long line is cut around the place")
    func longLines() {
        let line = String(repeating: "a", count: 200) + "HERE" + String(repeating: "b", count: 200)
        let excerpt = SourceExcerpt(of: Self.at(1, 201, 4), in: Array(line.utf8))
        #expect(excerpt?.line.contains("HERE") == true)
        #expect(excerpt?.line.hasPrefix("…") == true)
        #expect(excerpt?.line.hasSuffix("…") == true)
        let caret = excerpt?.caret ?? ""
        #expect(caret.hasSuffix("^~~~"))
        #expect(Array(excerpt?.line ?? "")[caret.count - 4] == "H")
    }

    @Test("no excerpt runs beyond its text, wherever a place points", arguments: [1, 2, 3, 4] as [UInt64])
    func anyPlace(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2_000 {
            let text = (0..<Int.random(in: 0...300, using: &random)).map { _ in
                ["a", "\t", "\n", "é", "\u{202e}", "\r"].randomElement(using: &random) ?? ""
            }
            let location = Self.at(
                Int.random(in: 0...5, using: &random), Int.random(in: 0...320, using: &random), Int.random(in: 0...400, using: &random))
            guard let excerpt = SourceExcerpt(of: location, in: Array(text.joined().utf8)) else { continue }
            #expect(excerpt.caret.unicodeScalars.count <= excerpt.line.unicodeScalars.count + 1, "seed \(seed)")
        }
    }
}
