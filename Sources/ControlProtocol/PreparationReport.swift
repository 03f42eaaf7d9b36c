import Descriptors
public import StrictJSON

/// What a caller says about a prepared package.
public struct PreparationReport: Sendable, Hashable {
    public enum Event: String, Sendable, Hashable, CaseIterable {
        case prepared, removed, changed
    }

    public struct Part: Sendable, Hashable {
        public let name: String
        public let version: String
        public let hash: String

        public init(name: String, version: String, hash: String) {
            self.name = name
            self.version = version
            self.hash = hash
        }
    }

    public var event: Event
    /// `pypi` or `npm`.
    public var registry: String
    public var package: String
    public var version: String
    /// Of the directory; absolute.
    public var path: String
    /// SHA-256 of the tree's manifest, hexadecimal; of the lock file.
    public var tree: String
    public var lock: String?
    /// What changed, in words.
    public var change: String?
    /// Whether packages' own programs ran while it was installed.
    public var ranScripts: Bool?
    public var parts: [Part]
    /// In which it was installed.
    public var sessions: [String]

    /// More than any server needs; what a message takes.
    public static let mostParts = 2_048
    /// Bytes of all parts, so that the receipt stays one that every reader takes.
    private static let mostPartBytes = 192 << 10
    private static let longest = 1_024
    private static let registries = ["pypi", "npm"]

    public init(
        _ event: Event, registry: String, package: String, version: String, path: String, tree: String, lock: String? = nil,
        change: String? = nil, ranScripts: Bool? = nil, parts: [Part] = [], sessions: [String] = []
    ) {
        self.event = event
        self.registry = registry
        self.package = package
        self.version = version
        self.path = path
        self.tree = tree
        self.lock = lock
        self.change = change
        self.ranScripts = ranScripts
        self.parts = parts
        self.sessions = sessions
    }

    public init(_ call: borrowing ControlCall) throws(ControlError) {
        var reader = ParameterReader(call.parameters, descriptors: DescriptorList())
        guard let event = Event(rawValue: try reader.string("event")) else { throw .invalidParameter("event") }
        self.event = event
        registry = try reader.string("registry")
        guard Self.registries.contains(registry) else { throw .invalidParameter("registry") }
        package = try Self.word(try reader.string("package"), "package")
        version = try Self.word(try reader.string("version"), "version")
        path = try reader.absolutePath("path")
        guard path.utf8.count <= 4_096 else { throw .invalidParameter("path") }
        tree = try Self.digest(try reader.string("tree"), "tree")
        lock = try reader.optionalString("lock").map { text throws(ControlError) in try Self.digest(text, "lock") }
        change = try reader.optionalString("change").map { text throws(ControlError) in try Self.word(text, "change") }
        ranScripts = reader.member("scripts")?.bool
        parts = try Self.parts(try reader.array("parts"))
        sessions = try reader.array("sessions").map { json throws(ControlError) in
            guard let text = json.string else { throw .invalidParameter("sessions") }
            return try Self.word(text, "sessions")
        }
        guard sessions.count <= 8 else { throw .invalidParameter("sessions") }
        try reader.finish()
    }

    private static func parts(_ listed: [JSON]) throws(ControlError) -> [Part] {
        guard listed.count <= mostParts, JSON.array(listed).encoded().count <= mostPartBytes else { throw .invalidParameter("parts") }
        return try listed.map { json throws(ControlError) in
            guard let name = json["name"]?.string, let version = json["version"]?.string, let hash = json["hash"]?.string,
                json.object?.count == 3
            else { throw .invalidParameter("parts") }
            return Part(name: try word(name, "parts"), version: try word(version, "parts"), hash: try word(hash, "parts"))
        }
    }

    private static func word(_ text: String, _ name: String) throws(ControlError) -> String {
        guard !text.isEmpty, text.utf8.count <= longest else { throw .invalidParameter(name) }
        return text
    }

    /// 64 hexadecimal digits in small letters.
    private static func digest(_ text: String, _ name: String) throws(ControlError) -> String {
        let isDigest = text.utf8.count == 64 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        guard isDigest else { throw .invalidParameter(name) }
        return text
    }

    /// The members of the call, and of a receipt's body.
    public var members: [(String, JSON)] {
        let text = { (value: String?) -> JSON in value.map(JSON.string) ?? .null }
        return [
            ("event", .string(event.rawValue)), ("registry", .string(registry)), ("package", .string(package)),
            ("version", .string(version)),
            ("path", .string(path)), ("tree", .string(tree)), ("lock", text(lock)), ("change", text(change)),
            ("scripts", ranScripts.map(JSON.bool) ?? .null),
            ("parts", .array(parts.map { ["name": .string($0.name), "version": .string($0.version), "hash": .string($0.hash)] })),
            ("sessions", .array(sessions.map(JSON.string))),
        ]
    }

    public func encode() -> ControlMessage { ControlMessage(JSONObject(members)) }
}
