import CSimdjson
import Foundation
import StrictJSON
import TestSupport
import Testing

/// The strict reader beside simdjson, which others wrote for the same grammar.
@Suite struct SimdjsonTests {
    private static let depth = 64

    /// What simdjson reads; nil where it refuses.
    private static func read(_ bytes: [UInt8]) -> JSON? {
        var text: UnsafeMutablePointer<CChar>?
        var count = 0
        guard csimdjson_read(bytes, bytes.count, depth, &text, &count) == 0, let text else { return nil }
        defer { free(text) }
        let written = text.withMemoryRebound(to: UInt8.self, capacity: count) { Array(UnsafeBufferPointer(start: $0, count: count)) }
        return try? JSON(parsing: written)
    }

    /// Ours refuses what is JSON: a member twice, and what is larger than we read.
    private static func isStricter(_ kind: JSONError.Kind) -> Bool {
        switch kind {
        case .duplicateMember, .tooDeep, .tooManyMembers, .tooLong: true
        default: false
        }
    }

    /// simdjson reads numbers into 64 bits; for us they are tokens.
    private static func isInRange(_ json: JSON) -> Bool {
        switch json {
        case .null, .bool, .string: true
        case .number(let number): isInRange(number.token)
        case .array(let elements): elements.allSatisfy(isInRange)
        case .object(let object): object.members.allSatisfy { isInRange($0.value) }
        }
    }

    private static func isInRange(_ token: String) -> Bool {
        if token.contains(where: { ".eE".contains($0) }) { return Double(token)?.isFinite == true }
        return Int64(token) != nil || UInt64(token) != nil
    }

    /// Numbers by value, all else exactly.
    private static func isSame(_ left: JSON, _ right: JSON) -> Bool {
        switch (left, right) {
        case (.number(let left), .number(let right)): return Double(left.token) == Double(right.token)
        case (.array(let left), .array(let right)): return left.count == right.count && zip(left, right).allSatisfy(isSame)
        case (.object(let left), .object(let right)):
            let pairs = zip(left.members, right.members)
            return left.members.count == right.members.count && pairs.allSatisfy { $0.name == $1.name && isSame($0.value, $1.value) }
        default: return left == right
        }
    }

    /// What is wrong with the two verdicts; nil where they agree, or differ as they may.
    private static func contradiction(_ bytes: [UInt8]) -> String? {
        let theirs = read(bytes)
        do {
            let ours = try JSON(parsing: bytes)
            guard let theirs else { return isInRange(ours) ? "only the strict reader reads it" : nil }
            return isSame(ours, theirs) ? nil : "the two read different values"
        } catch {
            return theirs == nil || isStricter(error.kind) ? nil : "only simdjson reads it (\(error.kind))"
        }
    }

    private static func check(_ bytes: [UInt8], _ what: @autoclosure () -> String) {
        if let contradiction = contradiction(bytes) { Issue.record("\(contradiction); \(what()): \(Data(bytes).base64EncodedString())") }
    }

    @Test("each file of JSONTestSuite is read alike")
    func suite() throws {
        let directory = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/json-parsing")
        let files = try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil).filter {
            $0.pathExtension == "json"
        }
        #expect(files.count > 150)
        for file in files { Self.check(Array(try Data(contentsOf: file)), file.lastPathComponent) }
    }

    private static let seeds = (0..<4).map { _ in UInt64.random(in: .min ... .max) }

    @Test("documents and what is left of them after damage are read alike", arguments: seeds)
    func documents(_ seed: UInt64) {
        var generator = DocumentGenerator(seed: seed)
        for round in 0..<2_000 {
            let value = generator.value(4)
            let whole = generator.loose(value)
            Self.check(whole, "seed \(seed), round \(round)")
            Self.check(generator.damaged(whole), "seed \(seed), round \(round)")
        }
    }

    @Test("texts of any bytes are read alike", arguments: seeds)
    func texts(_ seed: UInt64) {
        var generator = DocumentGenerator(seed: seed)
        for round in 0..<2_000 {
            let bytes = (0..<generator.below(24)).map { _ in UInt8.random(in: .min ... .max, using: &generator.random) }
            Self.check([UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")], "seed \(seed), round \(round)")
            let escapes = (0..<generator.below(5)).map { _ in "\\u" + String(generator.below(0x10000), radix: 16).leftPadded }.joined()
            Self.check(Array("[\"\(escapes)\"]".utf8), "seed \(seed), round \(round)")
        }
    }
}

extension String {
    fileprivate var leftPadded: String { String(repeating: "0", count: max(0, 4 - utf8.count)) + self }
}
