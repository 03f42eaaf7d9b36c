import Policy

/// Reads one document into nodes, refusing at the level of events whatever makes YAML mean more than it shows:
/// anchors, aliases, tags, merge keys, duplicate keys, several documents.
struct YAMLReader: ~Copyable {
    /// What was read, and every reason found on the way. No root: nothing could be read.
    struct Result: Sendable {
        var root: YAMLNode?
        var reasons: [Reason]

        /// For when nothing could be read.
        func firstReason(in source: PolicySource) -> Reason {
            reasons.first ?? Reason(.empty, at: SourceLocation(file: source.name, line: 1, column: 1), ["place": "document"])
        }
    }

    private struct Stop: Error {}

    private let events: YAMLEvents
    private let file: String
    private var reasons: [Reason] = []
    private var nodes = 0

    static func read(_ source: PolicySource) -> Result {
        let start = SourceLocation(file: source.name, line: 1, column: 1)
        guard source.bytes.count <= YAMLLimits.bytes else {
            return Result(root: nil, reasons: [Reason(.tooLarge, at: start, ["what": "bytes", "limit": "\(YAMLLimits.bytes)"])])
        }
        if let finding = YAMLCharacters.firstProblem(in: source.bytes) {
            let place = SourceLocation(file: source.name, line: finding.line, column: finding.column)
            return Result(root: nil, reasons: [Reason(.badCharacters, at: place, ["problem": finding.problem.rawValue])])
        }
        var reader = YAMLReader(source)
        let root = try? reader.document()
        if root == nil, reader.reasons.isEmpty { reader.reasons.append(Reason(.empty, at: start, ["place": "document"])) }
        return Result(root: root ?? nil, reasons: reader.reasons)
    }

    private init(_ source: PolicySource) {
        events = YAMLEvents(source.bytes)
        file = source.name
    }

    private mutating func document() throws(Stop) -> YAMLNode? {
        _ = try next()
        let start = try next()
        guard case .documentStart(let hasTagDirectives) = start.kind else { return nil }
        if hasTagDirectives { note(.anchorOrTag, at: start, ["what": "tag directive"]) }
        let root = try node(from: try next(), depth: 1)
        _ = try next()
        let end = try next()
        if end.kind != .streamEnd { note(.severalDocuments, at: end) }
        return root
    }

    private mutating func next() throws(Stop) -> YAMLEvents.Event {
        do { return try events.next() } catch {
            let place = SourceLocation(file: file, line: error.mark.line + 1, column: error.mark.column + 1)
            reasons.append(Reason(.notYAML, at: place, ["problem": error.problem]))
            throw Stop()
        }
    }

    private mutating func node(from event: YAMLEvents.Event, depth: Int) throws(Stop) -> YAMLNode {
        nodes += 1
        guard nodes <= YAMLLimits.nodes else { throw stop("nodes", YAMLLimits.nodes, at: event) }
        refuseAnchorsAndTags(of: event)
        switch event.kind {
        case .scalar(let scalar): return self.scalar(scalar, from: event)
        case .sequenceStart: return try list(from: event, depth: depth)
        case .mappingStart: return try mapping(from: event, depth: depth)
        case .alias:
            note(.anchorOrTag, at: event, ["what": "alias"])
            return YAMLNode(content: .refused, location: location(event))
        case .streamStart, .streamEnd, .documentStart, .documentEnd, .sequenceEnd, .mappingEnd:
            return YAMLNode(content: .refused, location: location(event))
        }
    }

    private mutating func refuseAnchorsAndTags(of event: YAMLEvents.Event) {
        if event.hasAnchor { note(.anchorOrTag, at: event, ["what": "anchor"]) }
        if event.hasTag { note(.anchorOrTag, at: event, ["what": "tag"]) }
    }

    /// An escape may write what may not stand there unescaped; nothing here has a use for it.
    private mutating func scalar(_ scalar: YAMLScalar, from event: YAMLEvents.Event) -> YAMLNode {
        let isClean = !scalar.text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\t" && $0 != "\n" || $0.value == 0x7F }
        if !isClean { note(.badCharacters, at: event, ["problem": YAMLCharacters.Problem.control.rawValue]) }
        return YAMLNode(content: isClean ? .scalar(scalar) : .refused, location: location(event))
    }

    private mutating func list(from event: YAMLEvents.Event, depth: Int) throws(Stop) -> YAMLNode {
        guard depth < YAMLLimits.depth else { throw stop("depth", YAMLLimits.depth, at: event) }
        var items: [YAMLNode] = []
        var end = try next()
        while end.kind != .sequenceEnd {
            var item = try node(from: end, depth: depth + 1)
            item.ordinal = items.count
            items.append(item)
            end = try next()
        }
        return YAMLNode(content: .list(items), location: location(event, to: end))
    }

    private mutating func mapping(from event: YAMLEvents.Event, depth: Int) throws(Stop) -> YAMLNode {
        guard depth < YAMLLimits.depth else { throw stop("depth", YAMLLimits.depth, at: event) }
        var entries: [YAMLEntry] = []
        var lines: [[UInt8]: Int] = [:]
        var end = try next()
        while end.kind != .mappingEnd {
            let key = try node(from: end, depth: depth + 1)
            let value = try node(from: try next(), depth: depth + 1)
            if let name = self.key(key, lines: &lines) {
                entries.append(YAMLEntry(key: name, keyLocation: key.location, value: value))
            }
            end = try next()
        }
        return YAMLNode(content: .mapping(entries), location: location(event, to: end))
    }

    /// The key's text, or `nil` when it cannot be used: its reason is noted.
    private mutating func key(_ node: YAMLNode, lines: inout [[UInt8]: Int]) -> String? {
        guard case .scalar(let scalar) = node.content, !scalar.isNothing else {
            if node.content != .refused {
                reasons.append(Reason(.wrongType, at: node.location, ["place": "key", "expected": "text", "found": node.kindName]))
            }
            return nil
        }
        if scalar.isPlain, scalar.text.utf8.elementsEqual("<<".utf8) {
            reasons.append(Reason(.anchorOrTag, at: node.location, ["what": "merge key"]))
            return nil
        }
        if let first = lines[Array(scalar.text.utf8)] {
            reasons.append(Reason(.duplicateKey, at: node.location, ["key": scalar.text, "firstLine": "\(first)"]))
            return nil
        }
        lines[Array(scalar.text.utf8)] = node.location.line
        return scalar.text
    }

    private mutating func note(_ code: ReasonCode, at event: YAMLEvents.Event, _ facts: [String: String] = [:]) {
        reasons.append(Reason(code, at: location(event), facts))
    }

    private mutating func stop(_ what: String, _ limit: Int, at event: YAMLEvents.Event) -> Stop {
        note(.tooLarge, at: event, ["what": what, "limit": "\(limit)"])
        return Stop()
    }

    private func location(_ event: YAMLEvents.Event, to end: YAMLEvents.Event? = nil) -> SourceLocation {
        let end = (end ?? event).end
        let length = end.line == event.start.line ? end.column - event.start.column : 1
        return SourceLocation(file: file, line: event.start.line + 1, column: event.start.column + 1, length: length)
    }
}
