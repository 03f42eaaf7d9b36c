import StrictJSON
import TestSupport
import Testing

@testable import Evidence

/// What the quick reader accepts, the strict one must accept as canonical; and it must accept what logs usually hold.
@Suite struct ScanTests {
    private func isAccepted(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { bytes in
            guard var scan = CanonicalScan(bytes) else { return false }
            return scan.takeObject() && scan.isAtEnd
        }
    }

    private func isCanonical(_ bytes: [UInt8]) -> Bool {
        guard let json = try? JSON(parsing: bytes), json.object != nil else { return false }
        return (try? json.canonical()) == bytes
    }

    @Test(
        "usual bodies are recognised",
        arguments: [
            "{}", #"{"a":[],"b":{},"c":[1,-2,0,true,false,null,""],"d":"a plain text of more than eight bytes","e":"\"\\\n\r\t"}"#,
            #"{"a":999999999999999,"aa":{"x":[[[[[]]]]]},"b":"12345678\"1234567\"","c":"~ !"}"#,
        ])
    func usual(text: String) {
        #expect(isAccepted(Array(text.utf8)) && isCanonical(Array(text.utf8)))
    }

    @Test(
        "what is not canonical is not recognised",
        arguments: [
            #"{"b":1,"a":2}"#, #"{"a":1,"a":2}"#, #"{"aa":1,"a":2}"#, "{ }", #"{"a": 1}"#, #"{"a":1,}"#, "{", #"{"a"}"#, #"{"a":01}"#,
            #"{"a":-0}"#,
            #"{"a":1.0}"#, #"{"a":1e2}"#, #"{"a":-}"#, #"{"a":9007199254740993}"#, #"{"a":"\/"}"#, #"{"a":"\u0041"}"#, "{\"a\":\"\u{1}\"}",
            "{\"a\":\"1234567\u{1}\"}", #"{"a":[1,]}"#, #"{"a":[,1]}"#, #"{"a":tru}"#, #"{"a":"x}"#, #"{"a":"x\"}"#, #"{"\n":1,"a":2"#,
            "{\"a\":" + String(repeating: "[", count: 100) + String(repeating: "]", count: 100) + "}",
        ])
    func unusual(text: String) {
        #expect(!isAccepted(Array(text.utf8)))
    }

    @Test("whatever is done to a line, the quick reader accepts nothing that the strict one does not")
    func property() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let bodies = [
            #"{"a":[],"b":{"c":-12,"d":"x\"y"},"c":[1,0,true,false,null,""],"d":"a plain text of more than eight bytes"}"#,
            #"{"arguments":{"commitment":"3b1f0e5d"},"decision":"forward","id":17,"layers":["site","team"]}"#,
        ].map { Array($0.utf8) }
        let marks = Array("{}[],:\"\\-0123456789abefnrtu.E \u{1}\u{7F}".utf8) + [0x80, 0xC3, 0xFF]
        for _ in 0..<20_000 {
            var bytes = bodies[Int(random.next() % 2)]
            for _ in 0...(random.next() % 3) {
                let index = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 3 {
                case 0: bytes[index] = marks.randomElement(using: &random) ?? 0
                case 1: bytes.remove(at: index)
                default: bytes.insert(marks.randomElement(using: &random) ?? 0, at: index)
                }
            }
            if isAccepted(bytes) { #expect(isCanonical(bytes), "seed \(seed): \(String(decoding: bytes, as: UTF8.self))") }
        }
    }

    @Test("a whole receipt's line reads the same both ways, and no changed byte is accepted by the quick way alone")
    func lines() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let line = try receipt(.kernelDenial, session: "s-1").line(number: 12, sessionNumber: 3, custody: .user)
        #expect(quick(line) != nil)
        #expect(try quick(line) == ReceiptLine(line))
        for index in line.indices {
            for _ in 0..<3 {
                var changed = line
                changed[index] = UInt8.random(in: 0...255, using: &random)
                guard let read = quick(changed) else { continue }
                #expect(try ReceiptLine(changed) == read, "seed \(seed) offset \(index)")
            }
        }
    }

    private func quick(_ line: [UInt8]) -> ReceiptLine? {
        line.withUnsafeBytes { ReceiptLine(scanning: $0) }
    }
}
