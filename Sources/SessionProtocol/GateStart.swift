public import Policy
public import StrictJSON

/// All that a gate is told when it starts; nothing else ever widens it.
public struct GateStart: Sendable, Hashable {
    /// The session's id.
    public var session: String
    /// `--name`, or the command's last component; shown to people.
    public var server: String
    /// The tools section of the policy, as `Decision` writes and reads it.
    public var tools: JSON
    /// The messages section of the policy, as `Decision` writes and reads it.
    public var messages: JSON
    /// The same sections of the layers that apply.
    public var layers: [Layer]
    /// The server's working directory, absolute: what relative paths in arguments are joined to. Nil where it is not known.
    public var cwd: String?
    /// SHA-256 of the policy's canonical form, in hex; named in every denial.
    public var policyDigest: String
    /// 32 bytes of the session's own, in hex: arguments are committed to with HMAC-SHA-256 under it.
    public var commitmentKey: String
    /// No line per decision on `GateDescriptor.people`.
    public var isQuiet: Bool
    /// Decisions are brought to the disk before what they permit is done.
    public var isDurable: Bool
    /// Arguments are handed over with decisions, to be kept.
    public var keepsArguments: Bool
    /// Bytes of the ring buffer at `GateDescriptor.denials`; nil where no program of the session denies anything.
    public var denialBytes: Int?

    /// How calls are held that a rule asks about.
    public var approvals: Approvals
    /// What is accepted of what the server says of itself.
    public var pins: Pins

    /// The `approvals` clause, as far as the gate holds it.
    public struct Approvals: Sendable, Hashable {
        /// Whoever runs the client may decide, and so be asked in its window.
        public var callerDecides: Bool
        /// Seconds that a question can be answered.
        public var within: Int
        /// Seconds that a call waits in line.
        public var wait: Int

        public init(callerDecides: Bool, within: Int = ApprovalsClause.defaultWithin, wait: Int = ApprovalsClause.defaultWait) {
            self.callerDecides = callerDecides
            self.within = within
            self.wait = wait
        }

        var json: JSON { ["callerDecides": .bool(callerDecides), "within": JSON(within), "wait": JSON(wait)] }

        init?(_ json: JSON?) {
            guard let json, let decides = json["callerDecides"]?.bool, let within = json["within"]?.int64, let wait = json["wait"]?.int64,
                within > 0, wait > 0
            else { return nil }
            self.init(callerDecides: decides, within: Int(within), wait: Int(wait))
        }
    }

    /// One layer, as far as the gate holds it.
    public struct Layer: Sendable, Hashable {
        public var name: String
        /// As `Decision` writes and reads them.
        public var tools: JSON
        public var messages: JSON

        public init(name: String, tools: JSON, messages: JSON) {
            self.name = name
            self.tools = tools
            self.messages = messages
        }
    }

    public init(
        session: String, server: String, tools: JSON, messages: JSON, layers: [Layer] = [], cwd: String? = nil, policyDigest: String,
        commitmentKey: String, isQuiet: Bool, isDurable: Bool = false, keepsArguments: Bool = false, denialBytes: Int? = nil,
        approvals: Approvals, pins: Pins = .off
    ) {
        self.session = session
        self.server = server
        self.tools = tools
        self.messages = messages
        self.layers = layers
        self.cwd = cwd
        self.policyDigest = policyDigest
        self.commitmentKey = commitmentKey
        self.isQuiet = isQuiet
        self.isDurable = isDurable
        self.keepsArguments = keepsArguments
        self.denialBytes = denialBytes
        self.approvals = approvals
        self.pins = pins
    }
}

/// Why a `GateStart` cannot be read: the gate ends, and with it the session.
public enum GateStartProblem: Error, Sendable, Hashable {
    case notJSON(JSONError)
    case badMember(String)

    public var text: String {
        switch self {
        case .notJSON(let error): "not JSON: \(error.kind.rawValue) at byte \(error.offset)"
        case .badMember(let name): "`\(name)`"
        }
    }
}

extension GateStart {
    private static let version: Int64 = 7

    public var json: JSON {
        [
            "version": .number(JSONNumber(Self.version)), "session": .string(session), "server": .string(server), "tools": tools,
            "messages": messages,
            "layers": .array(layers.map { ["name": .string($0.name), "tools": $0.tools, "messages": $0.messages] }),
            "cwd": cwd.map(JSON.string) ?? .null,
            "policyDigest": .string(policyDigest), "commitmentKey": .string(commitmentKey), "quiet": .bool(isQuiet),
            "durable": .bool(isDurable), "keepsArguments": .bool(keepsArguments),
            "denialBytes": denialBytes.map { JSON($0) } ?? .null, "approvals": approvals.json, "pins": pins.json,
        ]
    }

    /// Reads what `json` wrote.
    public init(bytes: [UInt8]) throws(GateStartProblem) {
        let json: JSON
        do { json = try JSON(parsing: bytes, limits: .start) } catch { throw .notJSON(error) }
        func text(_ name: String) throws(GateStartProblem) -> String {
            guard let value = json[name]?.string else { throw .badMember(name) }
            return value
        }
        guard json["version"]?.int64 == Self.version else { throw .badMember("version") }
        guard let tools = json["tools"] else { throw .badMember("tools") }
        guard let messages = json["messages"] else { throw .badMember("messages") }
        guard let quiet = json["quiet"]?.bool else { throw .badMember("quiet") }
        guard let isDurable = json["durable"]?.bool else { throw .badMember("durable") }
        guard let keepsArguments = json["keepsArguments"]?.bool else { throw .badMember("keepsArguments") }
        guard let cwd = json["cwd"], cwd.isNull || cwd.string != nil else { throw .badMember("cwd") }
        guard let denialBytes = json["denialBytes"], denialBytes.isNull || denialBytes.int64 != nil else { throw .badMember("denialBytes") }
        guard let approvals = Approvals(json["approvals"]) else { throw .badMember("approvals") }
        guard let pins = json["pins"].flatMap(Pins.init) else { throw .badMember("pins") }
        self.init(
            session: try text("session"), server: try text("server"), tools: tools, messages: messages,
            layers: try Self.layers(json["layers"]), cwd: cwd.string,
            policyDigest: try text("policyDigest"), commitmentKey: try text("commitmentKey"), isQuiet: quiet, isDurable: isDurable,
            keepsArguments: keepsArguments,
            denialBytes: denialBytes.int64.map { Int($0) }, approvals: approvals, pins: pins)
    }

    private static func layers(_ json: JSON?) throws(GateStartProblem) -> [Layer] {
        guard let items = json?.array else { throw .badMember("layers") }
        var layers: [Layer] = []
        for item in items {
            guard let name = item["name"]?.string, let tools = item["tools"], let messages = item["messages"], item.object?.count == 3
            else { throw .badMember("layers") }
            layers.append(Layer(name: name, tools: tools, messages: messages))
        }
        return layers
    }
}

extension JSONLimits {
    /// A policy has at most 256 KiB, its layers and includes together a few times that.
    static var start: JSONLimits {
        var limits = JSONLimits.standard
        limits.bytes = 8 << 20
        limits.members = 1 << 20
        limits.depth = 128
        return limits
    }
}
