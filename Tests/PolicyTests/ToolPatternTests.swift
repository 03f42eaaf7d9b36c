import Policy
import Testing

@Suite("Tool patterns")
struct ToolPatternTests {
    @Test("patterns are compared by bytes, not by Unicode equivalence")
    func bytes() {
        #expect(ToolPattern("K") != ToolPattern("\u{212A}"))
        #expect(ToolPattern("\u{E9}") != ToolPattern("e\u{301}"))
        #expect(Set([ToolPattern("\u{E9}"), ToolPattern("e\u{301}")]).count == 2)
    }

    @Test("an empty pattern is none, and only * makes a pattern more than a name")
    func literal() {
        #expect(ToolPattern("") == nil)
        #expect(ToolPattern("list_*")?.isLiteral == false)
        #expect(ToolPattern("list")?.isLiteral == true)
    }
}

@Suite("Refusals")
struct RefusalTests {
    @Test("no reasons, no refusal; otherwise all of them, in order")
    func check() throws {
        try Refusal.check([])
        let reasons = [Reason(.unknownKey), Reason(.empty)]
        let refusal = #expect(throws: Refusal.self) { try Refusal.check(reasons) }
        #expect(refusal?.reasons.all == reasons)
    }

    @Test("codes are unique and of the form R and three digits")
    func codes() {
        #expect(Set(ReasonCode.allCases.map(\.rawValue)).count == ReasonCode.allCases.count)
        #expect(
            ReasonCode.allCases.allSatisfy {
                $0.rawValue.utf8.count == 4 && $0.rawValue.first == "R" && Int($0.rawValue.dropFirst()) != nil
            })
    }
}
