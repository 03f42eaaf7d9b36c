public import Policy
public import StrictJSON

/// All that a name proxy is told when it starts; nothing ever widens it.
public struct ProxyStart: Sendable, Hashable {
    /// What `egress.names` permits; never empty.
    public var names: [NamePattern]
    /// What `egress.tcp` permits: addresses that are not public and may be reached all the same.
    public var reached: [EndpointPattern]
    /// Never empty; asked at port 53.
    public var nameservers: [IPAddress]
    /// Connections are brought to the disk before they are used.
    public var isDurable: Bool

    public init(names: [NamePattern], reached: [EndpointPattern], nameservers: [IPAddress], isDurable: Bool) {
        self.names = names
        self.reached = reached
        self.nameservers = nameservers
        self.isDurable = isDurable
    }

    private static let version: Int64 = 1

    public var json: JSON {
        [
            "version": JSON(Self.version), "names": .array(names.map { .string($0.description) }),
            "reached": .array(reached.map { .string($0.description) }),
            "nameservers": .array(nameservers.map { .string($0.description) }), "durable": .bool(isDurable),
        ]
    }

    /// Reads what `json` wrote.
    public init(bytes: [UInt8]) throws(GateStartProblem) {
        let json: JSON
        do { json = try JSON(parsing: bytes, limits: .start) } catch { throw .notJSON(error) }
        guard json["version"]?.int64 == Self.version else { throw .badMember("version") }
        guard let isDurable = json["durable"]?.bool else { throw .badMember("durable") }
        let names = try Self.list(json, "names") { try? NamePattern($0) }
        let nameservers = try Self.list(json, "nameservers") { IPAddress($0) }
        guard !names.isEmpty else { throw .badMember("names") }
        guard !nameservers.isEmpty else { throw .badMember("nameservers") }
        self.init(
            names: names, reached: try Self.list(json, "reached") { try? EndpointPattern($0) }, nameservers: nameservers,
            isDurable: isDurable)
    }

    private static func list<Value>(_ json: JSON, _ name: String, _ read: (String) -> Value?) throws(GateStartProblem) -> [Value] {
        guard let items = json[name]?.array else { throw .badMember(name) }
        var values: [Value] = []
        for item in items {
            guard let value = item.string.flatMap(read) else { throw .badMember(name) }
            values.append(value)
        }
        return values
    }
}
