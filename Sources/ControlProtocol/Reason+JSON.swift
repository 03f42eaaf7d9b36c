public import Policy
public import StrictJSON

extension Reason {
    /// `{"code": …, "location": {…} or null, "facts": {…}}`, facts in the order of their names.
    public var json: JSON {
        ["code": .string(code.rawValue), "location": location?.json ?? .null, "facts": .object(factsObject)]
    }

    private var factsObject: JSONObject {
        JSONObject(facts.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { ($0.key, .string($0.value)) })
    }

    /// Reads what `json` wrote; nil for anything else, an unknown code too.
    public init?(json: JSON) {
        guard let code = json["code"]?.string.flatMap(ReasonCode.init(rawValue:)), let members = json["facts"]?.object else { return nil }
        var facts: [String: String] = [:]
        for member in members.members {
            guard let value = member.value.string else { return nil }
            facts[member.name] = value
        }
        guard let place = json["location"], !place.isNull else {
            self.init(code, at: nil, facts)
            return
        }
        guard let location = SourceLocation(json: place) else { return nil }
        self.init(code, at: location, facts)
    }
}

extension SourceLocation {
    public var json: JSON {
        ["file": .string(file), "line": JSON(line), "column": JSON(column), "length": JSON(length)]
    }

    /// Reads what `json` wrote.
    public init?(json: JSON) {
        let number = { (name: String) -> Int? in
            guard let value = json[name]?.int64, (0...Int64(Int32.max)).contains(value) else { return nil }
            return Int(value)
        }
        guard let file = json["file"]?.string, let line = number("line"), let column = number("column"), let length = number("length")
        else { return nil }
        self.init(file: file, line: line, column: column, length: length)
    }
}
