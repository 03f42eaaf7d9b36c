import StrictJSON
import Testing

@testable import Commands

@Suite struct ReceiptTextTests {
    private static let receipt = JSONObject([
        ("body", ["tool": "get\u{1b}note", "decision": "forward", "count": 3, "nested": ["a": [1, 2]]]), ("custody", "daemon"),
        ("kind", "decision"),
        ("number", 42), ("session", "s1"), ("time", "2026-01-02T03:04:05.000006Z"),
    ])

    @Test("a receipt is one line, in the order of its body, escaped")
    func oneLine() {
        #expect(
            ReceiptText.line(Self.receipt)
                == #"42     2026-01-02T03:04:05.000006Z decision      s1 tool=get\u{1b}note decision=forward count=3 nested={"a":[1,2]}"#)
    }

    @Test("a receipt that lacks what receipts have is still shown")
    func incomplete() {
        #expect(ReceiptText.line(JSONObject()) == "?      ? ?             -")
    }
}
