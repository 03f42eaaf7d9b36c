import Decision
import Policy
import StrictJSON
import Testing

@testable import Commands

@Suite struct CodePageTests {
    static let pages = CodePages.all

    @Test("every code has a page of its own")
    func everyCode() {
        #expect(ReasonCode.allCases.allSatisfy { $0.page.code == $0.rawValue })
        #expect(BlockCode.allCases.allSatisfy { $0.page.code == $0.rawValue })
        #expect(Set(Self.pages.map(\.code)).count == Self.pages.count)
    }

    @Test("an example is refused for what its page is about", arguments: ReasonCode.allCases)
    func examples(code: ReasonCode) throws {
        let example = try #require(code.page.example)
        #expect(example.reasons.map(\.code).contains(code))
        #expect(example.refusal(code.rawValue).contains("refused[\(code.rawValue)]:"))
        guard case .policy = example.cause else { return }
        #expect(Set(example.reasons.map(\.code)).subtracting([.notEnforcedYet]).isSubset(of: [code]), "an example shows one thing")
    }

    @Test("an example of a call shows the code that the gate answers", arguments: BlockCode.allCases)
    func answers(code: BlockCode) {
        guard case .message(_, let answer) = code.page.example?.cause else { return }
        #expect(answer.contains("(\(code.rawValue))"))
    }

    @Test("no page is a stub, and none says what another says")
    func substance() {
        for page in Self.pages {
            #expect(page.meaning.utf8.count > 50 && page.why.utf8.count > 40 && !page.waysOut.isEmpty, "\(page.code)")
            #expect(page.title.first?.isUppercase == false || page.title.hasPrefix("JSON"), "\(page.code)")
            #expect(!page.title.hasSuffix("."), "\(page.code)")
            for text in [page.meaning, page.why] + page.waysOut + [page.needs].compactMap(\.self) {
                #expect(text.hasSuffix(".") || text.hasSuffix("`"), "\(page.code): \(text)")
                #expect(!text.contains("  "), "\(page.code)")
            }
            #expect(page.related.allSatisfy { $0 != page.code && CodePages.page($0) != nil }, "\(page.code)")
        }
        for texts in [Self.pages.map(\.title), Self.pages.map(\.meaning), Self.pages.map(\.why)] {
            #expect(Set(texts).count == texts.count)
        }
    }

    @Test("a page is read on a terminal, line by line within its width", arguments: [40, 80, 200])
    func width(columns: Int) throws {
        for page in Self.pages {
            let text = page.text(.plain, width: columns)
            #expect(text.hasPrefix(page.code) && text.hasSuffix("\n"))
            #expect(!text.unicodeScalars.contains { Escaping.isHidden($0) && $0 != "\n" }, "\(page.code)")
            let prose = TextWrapping.wrapped(page.meaning, width: columns, first: "  ", rest: "  ")
            #expect(prose.split(separator: "\n").allSatisfy { $0.unicodeScalars.count <= columns })
        }
    }

    @Test("as JSON a page has the same members, and parses")
    func json() throws {
        for page in Self.pages {
            let json = try JSON(parsing: page.json.encoded())
            #expect(json["code"]?.string == page.code)
            #expect(json["waysOut"]?.array?.count == page.waysOut.count)
            #expect((json["example"]?.isNull == true) == (page.example == nil))
        }
    }

    @Test("an unknown code lists the codes, and the near one first")
    func unknown() {
        let text = CodePages.unknown("R2003", .plain)
        #expect(text.hasPrefix("error: there is no reason code `R2003`\n  = help: did you mean `R203`?\n"))
        #expect(Self.pages.allSatisfy { text.contains("  \($0.code)  \($0.title)\n") })
    }
}
