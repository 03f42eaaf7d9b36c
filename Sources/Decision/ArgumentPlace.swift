import Policy
import StrictJSON

/// A JSON Pointer into the arguments of a call, ready to be followed.
struct ArgumentPlace: Sendable {
    enum Target: Sendable, Hashable {
        case found(JSONNode)
        case missing
        /// A reader that takes names for each other, by case or cut at U+0000, might find another value than the one meant; so might one that
        /// takes a string for the JSON in it (MCP's Python SDK does).
        case ambiguous
    }

    private struct Segment: Sendable {
        let name: SchemaName
        /// As the index of an element (RFC 6901 section 4: no leading zeros).
        let index: Int?
    }

    private let segments: [Segment]

    init(_ pointer: JSONPointer) {
        segments = pointer.segments.map { Segment(name: SchemaName($0), index: Self.index($0)) }
    }

    private static func index(_ segment: [UInt8]) -> Int? {
        guard !segment.isEmpty, segment.count <= 9, segment.allSatisfy(\.isDigit), segment == [0x30] || segment[0] != 0x30 else {
            return nil
        }
        return segment.reduce(0) { $0 * 10 + Int($1 & 15) }
    }

    func find(from start: JSONNode, _ tape: borrowing JSONTape) -> Target {
        var node = start
        for segment in segments {
            switch Self.step(segment, node, tape) {
            case .found(let next): node = next
            case .missing: return .missing
            case .ambiguous: return .ambiguous
            }
        }
        return .found(node)
    }

    private static func step(_ segment: Segment, _ node: JSONNode, _ tape: borrowing JSONTape) -> Target {
        switch tape.kind(of: node) {
        case .null, .false, .true, .number: .missing
        case .string: tape.withString(node, isLikeJSON) == true ? .ambiguous : .missing
        case .array: element(segment.index, node, tape)
        case .object: member(segment.name, node, tape)
        }
    }

    /// Whether it begins as an object or an array does.
    private static func isLikeJSON(_ text: Span<UInt8>) -> Bool {
        for index in text.indices where !text[index].isOne(of: " \t\r\n") { return text[index].isOne(of: "{[") }
        return false
    }

    private static func element(_ index: Int?, _ node: JSONNode, _ tape: borrowing JSONTape) -> Target {
        guard var rest = index else { return .missing }
        var cursor = tape.firstChild(of: node)
        while let element = cursor {
            if rest == 0 { return .found(element) }
            rest -= 1
            cursor = tape.nextElement(after: element)
        }
        return .missing
    }

    private static func member(_ name: SchemaName, _ node: JSONNode, _ tape: borrowing JSONTape) -> Target {
        var target = Target.missing
        var cursor = tape.firstChild(of: node)
        while let member = cursor {
            if tape.withString(member, { name.folded.isFold(of: $0) }) == true {
                guard target == .missing, tape.isString(member, name.bytes) else { return .ambiguous }
                target = .found(tape.value(of: member))
            }
            cursor = tape.nextName(after: member)
        }
        return target
    }
}
