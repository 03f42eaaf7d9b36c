/// One document of YAML; each value keeps its place. Refused is whatever lets one place mean another.
struct YAMLPlaceReader: ~Copyable {
    private let events: YAMLPlaces
    private var values = 0

    static func read(_ bytes: [UInt8], from start: Int) throws(ConfigProblem) -> ConfigValue {
        var reader = YAMLPlaceReader(events: YAMLPlaces(bytes, from: start))
        return try reader.document(start)
    }

    private init(events: consuming YAMLPlaces) { self.events = events }

    private mutating func document(_ start: Int) throws(ConfigProblem) -> ConfigValue {
        _ = try events.next()
        let first = try events.next()
        // Nothing but comments.
        if case .streamEnd = first.kind { return ConfigValue(.table([]), at: start..<start, isBlock: true) }
        let root = try value(from: try events.next(), depth: 1)
        _ = try events.next()
        let end = try events.next()
        guard case .streamEnd = end.kind else { throw ConfigProblem(.severalDocuments, at: end.span.lowerBound) }
        return root
    }

    private mutating func value(from event: YAMLPlaces.Event, depth: Int) throws(ConfigProblem) -> ConfigValue {
        values += 1
        guard values <= ConfigLimits.values else { throw ConfigProblem(.tooManyValues, at: event.span.lowerBound) }
        guard depth <= ConfigLimits.depth else { throw ConfigProblem(.tooDeep, at: event.span.lowerBound) }
        guard !event.isMarked else { throw ConfigProblem(.anchorOrTag, at: event.span.lowerBound) }
        switch event.kind {
        case .scalar(let text, let isPlain):
            return ConfigValue(isPlain && !Self.isText(text) ? .other(text) : .string(text), at: event.span)
        case .listStart(let isBlock): return try list(from: event, isBlock, depth)
        case .tableStart(let isBlock): return try table(from: event, isBlock, depth)
        case .alias: throw ConfigProblem(.anchorOrTag, at: event.span.lowerBound)
        case .other, .documentStart, .streamEnd, .listEnd, .tableEnd: throw ConfigProblem(.unexpectedCharacter, at: event.span.lowerBound)
        }
    }

    private mutating func list(from start: YAMLPlaces.Event, _ isBlock: Bool, _ depth: Int) throws(ConfigProblem) -> ConfigValue {
        var items: [ConfigValue] = []
        while true {
            let event = try events.next()
            if case .listEnd = event.kind {
                return ConfigValue(.list(items), at: start.span.lowerBound..<event.span.upperBound, isBlock: isBlock)
            }
            items.append(try value(from: event, depth: depth + 1))
        }
    }

    private mutating func table(from start: YAMLPlaces.Event, _ isBlock: Bool, _ depth: Int) throws(ConfigProblem) -> ConfigValue {
        var members: [ConfigMember] = []
        var seen: Set<[UInt8]> = []
        while true {
            let event = try events.next()
            if case .tableEnd = event.kind {
                return ConfigValue(.table(members), at: start.span.lowerBound..<event.span.upperBound, isBlock: isBlock)
            }
            guard !event.isMarked, case .scalar(let key, let isPlain) = event.kind else {
                throw ConfigProblem(event.isMarked ? .anchorOrTag : .keyIsNoText, at: event.span.lowerBound)
            }
            guard !(isPlain && key == "<<") else { throw ConfigProblem(.anchorOrTag, at: event.span.lowerBound) }
            guard seen.insert(Array(key.utf8)).inserted else { throw ConfigProblem(.duplicate(key), at: event.span.lowerBound) }
            let value = try value(from: try events.next(), depth: depth + 1)
            members.append(ConfigMember(key: key, keySpan: event.span, keyStart: event.span.lowerBound, value: value))
        }
    }

    /// Whether every reader of YAML takes a scalar without quotes for a text: nothing, numbers and Booleans of 1.1 and 1.2 are not.
    private static func isText(_ text: String) -> Bool {
        let small = text.lowercased()
        if ["", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", ".inf", "-.inf", "+.inf", ".nan"].contains(small) {
            return false
        }
        let rest = small.utf8.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
        guard let first = rest.first, ASCII.isDigit(first) || first == UInt8(ascii: ".") else { return true }
        return !rest.allSatisfy { ASCII.isDigit($0) || "abcdefox._:e+-t".utf8.contains($0) } || !rest.contains(where: ASCII.isDigit)
    }
}
