import StrictJSON
import TestSupport
import Testing

/// Random documents, and random damage to them.
struct DocumentGenerator {
    var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }

    mutating func value(_ depth: Int) -> JSON {
        switch below(depth > 0 ? 7 : 5) {
        case 0: .null
        case 1: .bool(below(2) == 0)
        case 2: number()
        case 3, 4: .string(text())
        case 5: .array((0..<below(5)).map { _ in value(depth - 1) })
        default: object(depth)
        }
    }

    private mutating func object(_ depth: Int) -> JSON {
        var object = JSONObject()
        for _ in 0..<below(6) { object[text()] = value(depth - 1) }
        return .object(object)
    }

    private mutating func number() -> JSON {
        switch below(4) {
        case 0: JSON(Int64.random(in: .min ... .max, using: &random))
        case 1: JSON(below(1_000) - 500)
        case 2: JSONNumber(token: "\(Double(below(1 << 40)) / 7)").map(JSON.number) ?? .null
        default: JSONNumber(token: "-\(below(9)).\(below(99))E\(below(40) - 20)").map(JSON.number) ?? .null
        }
    }

    private mutating func text() -> String {
        let pieces = [
            "a", "b", "name", "é", "\u{0}", "\u{1F}", "\n", "\"", "\\", "/", "😀", "\u{FFFF}", "\u{2028}", "plain text, longer", "\u{7F}",
        ]
        return (0..<below(4)).map { _ in pieces[below(pieces.count)] }.joined()
    }

    /// The encoding of `value` with spaces between tokens and needless escapes.
    mutating func loose(_ value: JSON) -> [UInt8] {
        let core: [UInt8] =
            switch value {
            case .null, .bool, .number: value.encoded()
            case .string(let text): loose(text)
            case .array(let values): list("[", values.map { loose($0) }, "]")
            case .object(let object): list("{", object.members.map { spaced(loose($0.name)) + [UInt8(ascii: ":")] + loose($0.value) }, "}")
            }
        return spaced(core)
    }

    private mutating func spaced(_ bytes: [UInt8]) -> [UInt8] {
        Array(repeating: 0x20, count: max(0, below(5) - 3)) + bytes + Array(repeating: 0x20, count: max(0, below(5) - 3))
    }

    private mutating func list(_ open: String, _ items: [[UInt8]], _ close: String) -> [UInt8] {
        items.isEmpty
            ? Array(open.utf8) + spaced([]) + Array(close.utf8) : Array(open.utf8) + items.joined(separator: ",".utf8) + Array(close.utf8)
    }

    private mutating func loose(_ text: String) -> [UInt8] {
        var output = [UInt8(ascii: "\"")]
        for character in text.unicodeScalars {
            let plain = JSON.string(String(character)).encoded().dropFirst().dropLast()
            output += below(6) == 0 ? String(character).utf16.flatMap { unit in escape(unit) } : Array(plain)
        }
        return output + [UInt8(ascii: "\"")]
    }

    private mutating func escape(_ unit: UInt16) -> [UInt8] {
        let digits = String(unit, radix: 16, uppercase: below(2) == 0)
        return Array(("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8)
    }

    mutating func damaged(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        let alphabet = Array("{}[]:,\"\\u0041ntrfe+-.19 \t\r\n/".utf8) + [0x00, 0x1F, 0x7F, 0x80, 0xC3, 0xA9, 0xED, 0xEF, 0xF0, 0xFF]
        for _ in 0...below(3) {
            let at = below(bytes.count + 1)
            switch below(3) {
            case 0: bytes.insert(alphabet[below(alphabet.count)], at: at)
            case 1 where at < bytes.count: bytes.remove(at: at)
            default: if at < bytes.count { bytes[at] = alphabet[below(alphabet.count)] }
            }
        }
        return bytes
    }
}

private let seeds = (0..<4).map { _ in UInt64.random(in: .min ... .max) }

@Suite struct PropertyTests {
    @Test("what is written is read again as the same value, from tree and tape", arguments: seeds)
    func roundTrips(_ seed: UInt64) throws {
        var generator = DocumentGenerator(seed: seed)
        var tape = JSONTape(whitespace: .spacesOnly)
        for _ in 0..<400 {
            let value = generator.value(5)
            let bytes = generator.loose(value)
            try tape.parse(bytes)
            let tree = tape.tree()
            #expect(tree == value)
            let written = tape.encoded()
            #expect(written == value.encoded(), "\(String(decoding: bytes, as: UTF8.self))")
            try tape.parse(written)
            let again = tape.encoded()
            #expect(again == written)
        }
    }

    @Test("tree and tape have the same canonical form, or none", arguments: seeds)
    func canonicalForms(_ seed: UInt64) throws {
        var generator = DocumentGenerator(seed: seed)
        var tape = JSONTape(whitespace: .spacesOnly)
        for _ in 0..<400 {
            let value = generator.value(5)
            try tape.parse(generator.loose(value))
            for rounding in [JSONRounding.refused, .nearest] {
                var output: [UInt8] = []
                let isRefused = (try? tape.canonicalize(rounding: rounding, into: &output)) == nil
                let ofTree = try? value.canonical(rounding: rounding)
                #expect(ofTree == (isRefused ? nil : output))
                if let ofTree { #expect(try JSON(parsing: ofTree).canonical(rounding: .nearest) == ofTree) }
            }
        }
    }

    @Test("damaged documents are judged as the plainest reader judges them", arguments: seeds)
    func agreesWithModel(_ seed: UInt64) {
        var generator = DocumentGenerator(seed: seed)
        for _ in 0..<1_500 {
            let value = generator.value(4)
            let bytes = generator.damaged(generator.loose(value))
            let text = String(decoding: bytes, as: UTF8.self)
            #expect((try? JSON(parsing: bytes)) == ModelReader.read(bytes), "\(text)")
        }
    }

    @Test("random bytes are refused or read, and never trap", arguments: seeds)
    func survivesNoise(_ seed: UInt64) {
        var generator = DocumentGenerator(seed: seed)
        for _ in 0..<2_000 {
            let bytes = (0..<generator.below(40)).map { _ in UInt8.random(in: .min ... .max, using: &generator.random) }
            #expect((try? JSON(parsing: bytes)) == ModelReader.read(bytes))
            let quoted = [UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")]
            #expect((try? JSON(parsing: quoted)) == ModelReader.read(quoted))
        }
    }
}
