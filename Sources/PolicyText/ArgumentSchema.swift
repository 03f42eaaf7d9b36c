import Decision
import Policy
import StrictJSON

/// A rule's `arguments`, held against what `Decision` compiles; its pointers become places in the text.
enum ArgumentSchema {
    /// So that an absurd schema does not take absurdly long.
    private static let mostReasons = 16

    /// Every reason against a schema, and the size of its patterns: what is refused is taken out, and the rest is tried again.
    static func reasons(against node: YAMLNode, _ patternSize: inout Int) -> [Reason] {
        var rest = node
        var reasons: [Reason] = []
        while reasons.count < mostReasons, let problem = problem(of: rest, &patternSize) {
            let path = segments(of: problem.pointer)
            reasons.append(reason(problem, at: location(of: path[...], in: node)))
            guard let smaller = removing(path[...], from: rest) else { break }
            rest = smaller
        }
        return reasons
    }

    private static func problem(of node: YAMLNode, _ patternSize: inout Int) -> SchemaProblem? {
        do { patternSize += try Schema(node.json).patternSize } catch {
            // Patterns that are refused cost too: those too large together the most.
            switch error.kind {
            case .patternsTooLarge: patternSize += Schema.largestPatterns
            case .badPattern: patternSize += Schema.largestPatterns / 20
            case .notJSON, .notSchema, .unsupportedKeyword, .badValue, .unsupportedFormat, .unresolvedReference, .endlessReference,
                .tooDeep:
                break
            }
            return error
        }
        return nil
    }

    private static func reason(_ problem: SchemaProblem, at location: SourceLocation) -> Reason {
        var facts = ["pointer": problem.pointer]
        switch problem.kind {
        case .notJSON, .notSchema: facts["problem"] = "notSchema"
        case .tooDeep: facts["problem"] = "tooDeep"
        case .unsupportedKeyword(let keyword): (facts["problem"], facts["keyword"]) = ("unsupportedKeyword", keyword)
        case .badValue(let keyword): (facts["problem"], facts["keyword"]) = ("badValue", keyword)
        case .badPattern(let why): (facts["problem"], facts["why"]) = ("badPattern", why)
        case .patternsTooLarge: (facts["problem"], facts["why"]) = ("badPattern", "the patterns of this schema are too large together")
        case .unsupportedFormat(let format): (facts["problem"], facts["format"]) = ("unsupportedFormat", format)
        case .unresolvedReference(let reference): (facts["problem"], facts["reference"]) = ("unresolvedReference", reference)
        case .endlessReference(let reference): (facts["problem"], facts["reference"]) = ("endlessReference", reference)
        }
        return Reason(.badArgumentSchema, at: location, facts)
    }

    // MARK: JSON Pointers over nodes

    private static func segments(of pointer: String) -> [String] {
        pointer.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropFirst().map { unescaped(Array($0)) }
    }

    private static func unescaped(_ segment: [UInt8]) -> String {
        var bytes: [UInt8] = []
        var input = segment[...]
        while let byte = input.popFirst() {
            let code = byte == UInt8(ascii: "~") ? input.popFirst() : nil
            bytes.append(code == UInt8(ascii: "1") ? UInt8(ascii: "/") : byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The key of a member that is a keyword, the node otherwise; the nearest that exists.
    private static func location(of path: ArraySlice<String>, in node: YAMLNode) -> SourceLocation {
        guard let segment = path.first else { return node.location }
        if let entry = node.entries.first(where: { $0.key.utf8.elementsEqual(segment.utf8) }) {
            return path.count == 1 ? entry.keyLocation : location(of: path.dropFirst(), in: entry.value)
        }
        guard let index = Int(segment), let item = node.items.first(where: { $0.ordinal == index }) else { return node.location }
        return location(of: path.dropFirst(), in: item)
    }

    private static func removing(_ path: ArraySlice<String>, from node: YAMLNode) -> YAMLNode? {
        guard let segment = path.first else { return nil }
        var node = node
        switch node.content {
        case .mapping(var entries):
            guard let index = entries.firstIndex(where: { $0.key.utf8.elementsEqual(segment.utf8) }) else { return nil }
            guard path.count > 1 else {
                entries.remove(at: index)
                node.content = .mapping(entries)
                return node
            }
            // What lies in a list is taken out with the list.
            let inner = removing(path.dropFirst(), from: entries[index].value)
            if let inner { entries[index].value = inner } else { entries.remove(at: index) }
            node.content = .mapping(entries)
            return node
        case .list, .scalar, .refused: return nil
        }
    }
}
