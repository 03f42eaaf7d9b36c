import Testing

@testable import Commands

/// What a service says to `connect` about the end.
@Suite struct ServedEndingTests {
    @Test("what is told is read again", arguments: [(0, ""), (7, "sandboxctl: the server ended with status 7\n"), (255, "\u{1b}[2J\n")])
    func reading(status: Int32, text: String) {
        let ending = ServedEnding(ExitStatus(status), text)
        #expect(ServedEnding(bytes: ending.bytes) == ending)
    }

    @Test("its lines stay lines, and move no cursor")
    func lines() {
        #expect(ServedEnding(ExitStatus(1), "a\n\u{1b}[2Jb\n").lines == "a\n\\u{1b}[2Jb\n" && ServedEnding(.success, "").lines == "")
    }

    @Test("of a text that has no room the status is told all the same")
    func tooLong() {
        let ending = ServedEnding(ExitStatus(9), String(repeating: "x", count: ServedEnding.size))
        #expect(ending.bytes.count <= ServedEnding.size)
        #expect(ServedEnding(bytes: ending.bytes) == ServedEnding(ExitStatus(9), ""))
    }

    @Test(
        "nothing else is an end, and no end is a good one",
        arguments: [
            "", "0", "{}", "{\"status\":0}", "{\"status\":256,\"text\":\"\"}", "{\"status\":-1,\"text\":\"\"}",
            "{\"status\":\"0\",\"text\":\"\"}",
            "{\"status\":0,\"status\":0,\"text\":\"\"}",
        ])
    func others(bytes: String) { #expect(ServedEnding(bytes: Array(bytes.utf8)) == nil) }
}
