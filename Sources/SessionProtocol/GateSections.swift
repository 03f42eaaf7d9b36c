public import StrictJSON

/// What a gate is told when its running session is held to more: documents that decide beside those it has. Nothing in it can widen what it has.
public struct GateSections: Sendable, Hashable {
    /// One document, as far as the gate holds it.
    public struct Section: Sendable, Hashable {
        /// SHA-256 of what it says, in hex: a gate that has it already leaves it at that.
        public var id: String
        /// `nil`: another version of the policy, by which is denied what it does not allow.
        public var layer: String?
        /// As `Decision` writes and reads them.
        public var tools: JSON
        public var messages: JSON

        public init(id: String, layer: String?, tools: JSON, messages: JSON) {
            self.id = id
            self.layer = layer
            self.tools = tools
            self.messages = messages
        }

        var json: JSON {
            ["id": .string(id), "layer": layer.map(JSON.string) ?? .null, "tools": tools, "messages": messages]
        }

        init?(_ json: JSON) {
            guard json.object?.count == 4, let id = json["id"]?.string, let layer = json["layer"], layer.isNull || layer.string != nil,
                let tools = json["tools"], let messages = json["messages"]
            else { return nil }
            self.init(id: id, layer: layer.string, tools: tools, messages: messages)
        }
    }

    /// Counts up within the session.
    public var number: Int64
    /// SHA-256 of the document that says under what the session runs from here on, in hex; named in the receipts of decisions.
    public var under: String
    public var sections: [Section]
    /// As the gate is to hold them from here on; never longer, and never more people, than before.
    public var approvals: GateStart.Approvals
    /// From here on arguments are handed over with decisions, to be kept, where it was not so before.
    public var keepsArguments: Bool

    public init(
        number: Int64, under: String, sections: [Section], approvals: GateStart.Approvals, keepsArguments: Bool = false
    ) {
        self.number = number
        self.under = under
        self.sections = sections
        self.approvals = approvals
        self.keepsArguments = keepsArguments
    }

    /// Documents of which a session may have so many beside those that it was started with.
    public static let most = 256

    public var json: JSON {
        [
            "number": .number(JSONNumber(number)), "under": .string(under), "sections": .array(sections.map(\.json)),
            "approvals": approvals.json, "keepsArguments": .bool(keepsArguments),
        ]
    }

    /// Reads what `json` wrote.
    public init(bytes: [UInt8]) throws(GateStartProblem) {
        let json: JSON
        do { json = try JSON(parsing: bytes, limits: .start) } catch { throw .notJSON(error) }
        guard json.object?.count == 5, let number = json["number"]?.int64 else { throw .badMember("number") }
        guard let under = json["under"]?.string else { throw .badMember("under") }
        guard let list = json["sections"]?.array, list.count <= Self.most else { throw .badMember("sections") }
        let sections = list.compactMap(Section.init)
        guard sections.count == list.count else { throw .badMember("sections") }
        guard let approvals = GateStart.Approvals(json["approvals"]) else { throw .badMember("approvals") }
        guard let keepsArguments = json["keepsArguments"]?.bool else { throw .badMember("keepsArguments") }
        self.init(
            number: number, under: under, sections: sections, approvals: approvals, keepsArguments: keepsArguments)
    }
}
