import Policy
import StrictJSON

extension Rule {
    var json: JSON {
        var object = JSONObject([
            ("id", .string(id)), ("tools", .array(tools.map { .string($0.text) })), ("effect", .string(effect.rawValue)),
        ])
        object["arguments"] = arguments.map(\.tree)
        object["when"] = when?.json
        object["limit"] = limit.map { ["calls": JSON($0.calls), "per": .string($0.per.rawValue)] }
        object["budget"] = budget.map {
            ["name": .string($0.name), "of": .string($0.of.text), "limit": $0.limit.tree, "per": .string($0.per.rawValue)]
        }
        if !redact.isEmpty { object["redact"] = .array(redact.map { .string($0.text) }) }
        object["reason"] = reason.map(JSON.string)
        if !labels.isEmpty { object["labels"] = .array(labels.map { [.string($0.name), .string($0.value)] }) }
        if isHidden { object["hidden"] = true }
        return .object(object)
    }

    init(json: JSON, at pointer: String) throws(ToolsClauseProblem) {
        var reader = RuleReader(json, at: pointer)
        let id = try reader.need("id") { $0.string }
        let effect = try reader.need("effect") { $0.string.flatMap(Effect.init(rawValue:)) }
        let tools = try reader.need("tools") { RuleReader.all($0) { $0.string.flatMap(ToolPattern.init) } }
        let arguments = try reader.take("arguments") { JSONText(json: $0.encoded()) }
        let when = try reader.take("when") { Condition(json: $0) }
        let limit = try reader.take("limit") { CallLimit(json: $0) }
        let budget = try reader.take("budget") { Budget(json: $0) }
        let redact = try reader.take("redact") { RuleReader.all($0) { $0.string.flatMap { JSONPointer($0) } } }
        let reason = try reader.take("reason") { $0.string }
        let labels = try reader.take("labels") { RuleReader.all($0) { Label(json: $0) } }
        let isHidden = try reader.take("hidden") { $0.bool }
        try reader.end()
        self.init(
            id: id, tools: tools, effect: effect, arguments: arguments, when: when, limit: limit, budget: budget, redact: redact ?? [],
            reason: reason, labels: labels ?? [], isHidden: isHidden ?? false)
    }
}

/// Takes the members of a rule one by one.
struct RuleReader {
    private var rest: JSONObject
    private let pointer: String

    init(_ json: JSON, at pointer: String) {
        rest = json.object ?? JSONObject()
        self.pointer = pointer
    }

    mutating func need<Value>(_ name: String, _ read: (JSON) -> Value?) throws(ToolsClauseProblem) -> Value {
        guard let value = try take(name, read) else { throw ToolsClauseProblem(at: "\(pointer)/\(name)") }
        return value
    }

    mutating func take<Value>(_ name: String, _ read: (JSON) -> Value?) throws(ToolsClauseProblem) -> Value? {
        guard let json = rest[name] else { return nil }
        rest[name] = nil
        guard let value = read(json) else { throw ToolsClauseProblem(at: "\(pointer)/\(name)") }
        return value
    }

    func end() throws(ToolsClauseProblem) {
        if let (name, _) = rest.members.first { throw ToolsClauseProblem(at: "\(pointer)/\(name)") }
    }

    /// A list with something in it, all of which can be read.
    static func all<Value>(_ json: JSON, _ read: (JSON) -> Value?) -> [Value]? {
        guard let items = json.array, !items.isEmpty else { return nil }
        let values = items.compactMap(read)
        return values.count == items.count ? values : nil
    }
}

extension JSONText {
    /// What it says; a text that is no JSON cannot come to be, and would be refused where it is compiled.
    var tree: JSON { (try? JSON(parsing: json)) ?? .string("not JSON") }
}

extension Rule.Label {
    fileprivate init?(json: JSON) {
        guard let pair = json.array, pair.count == 2, let name = pair[0].string, let value = pair[1].string else { return nil }
        self.init(name: name, value: value)
    }
}

extension CallLimit {
    fileprivate init?(json: JSON) {
        guard json.object?.count == 2, let calls = json["calls"]?.int64, let per = json["per"]?.string.flatMap(Period.init(rawValue:))
        else {
            return nil
        }
        self.init(calls: Int(calls), per: per)
    }
}

extension Budget {
    fileprivate init?(json: JSON) {
        guard json.object?.count == 4, let name = json["name"]?.string, let of = json["of"]?.string.flatMap({ JSONPointer($0) }),
            let limit = json["limit"], limit.number != nil, let per = json["per"]?.string.flatMap(Period.init(rawValue:))
        else { return nil }
        self.init(name: name, of: of, limit: JSONText(json: limit.encoded()), per: per)
    }
}
