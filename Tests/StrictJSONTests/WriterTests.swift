import StrictJSON
import Testing

@Suite struct WriterTests {
    @Test("an object is written member by member, compactly")
    func writes() throws {
        var writer = JSONWriter(appendingTo: Array("x".utf8))
        writer.member("a", "é\"\n")
        writer.member("b", "word" as StaticString)
        writer.member("c", -7)
        writer.member("d", true)
        writer.member("e", json: Array("[1]".utf8))
        writer.member("f", utf8: Array("\u{1}".utf8))
        writer.member("g") { $0 += Array("{}".utf8) }
        #expect(
            String(decoding: writer.finish(), as: UTF8.self)
                == "x{\"a\":\"é\\\"\\n\",\"b\":\"word\",\"c\":-7,\"d\":true,\"e\":[1],\"f\":\"\\u0001\",\"g\":{}}")
        #expect(JSONWriter().finish() == Array("{}".utf8))
    }

    @Test("integers are written in decimal", arguments: [0, 9, 10, -1, -10, 1_234_567_890, Int64.max, .min])
    func writesIntegers(_ value: Int64) {
        var output: [UInt8] = []
        JSONWriter.append(value, to: &output)
        #expect(String(decoding: output, as: UTF8.self) == "\(value)")
    }
}
