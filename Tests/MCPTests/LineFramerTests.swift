import MCP
import Testing

/// The lines that come of `chunks`, and what is left; `!` marks a line that is too long.
private func frame(_ chunks: [String], cap: Int) -> (lines: [String], rest: String) {
    var framer = LineFramer(cap: cap)
    var lines: [String] = []
    for chunk in chunks {
        var bytes = Array(chunk.utf8)[...]
        while !bytes.isEmpty {
            _ = framer.fill { room in
                let count = min(room.count, bytes.count)
                room.copyBytes(from: bytes.prefix(count))
                bytes = bytes.dropFirst(count)
                return count
            }
            while let piece = framer.next() {
                switch piece {
                case .line(let range): lines.append(text(framer, range))
                case .tooLong(let range): lines.append("!" + text(framer, range))
                }
            }
        }
    }
    return (lines, String(decoding: framer.unfinished(), as: UTF8.self))
}

private func text(_ framer: borrowing LineFramer, _ range: Range<Int>) -> String {
    framer.withBytes(range) { span in span.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) } }
}

@Suite struct LineFramerTests {
    @Test(
        "a stream is cut at LF, however it arrives",
        arguments: [
            ([], [], ""), (["a\n"], ["a"], ""), (["a", "b\nc\n", "d"], ["ab", "c"], "d"), (["\n\n"], ["", ""], ""),
            (["a\r\n"], ["a\r"], ""),
            (["abcd\n"], ["abcd"], ""), (["abcde\n", "x\n"], ["!abcd", "x"], ""), (["abcde", "fgh", "ij\nx\n"], ["!abcd", "x"], ""),
            (["abcd", "\n"], ["abcd"], ""), (["abcdefgh"], ["!abcd"], ""), (["abcdefgh", "\nabcdefgh\n"], ["!abcd", "!abcd"], ""),
        ] as [([String], [String], String)])
    func cuts(_ chunks: [String], _ lines: [String], _ rest: String) {
        let framed = frame(chunks, cap: 4)
        #expect(framed.lines == lines)
        #expect(framed.rest == rest)
    }

    @Test("long lines are kept up to the cap, and no further")
    func keepsUpToCap() {
        let long = String(repeating: "x", count: 300_000)
        #expect(frame([long + "\n", "y\n"], cap: 300_000).lines == [long, "y"])
        var framer = LineFramer(cap: 100_000)
        for _ in 0..<100 {
            _ = framer.fill { $0.count }
            while framer.next() != nil {}
            #expect(framer.pending <= 200_000)
        }
        #expect(framer.unfinished() == [])
    }
}
