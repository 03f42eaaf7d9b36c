public import StrictJSON

/// elicitation/create in form mode (MCP 2025-06-18 and later), as far as the gate asks by it whether a call may be made.
public enum Elicitation {
    /// The only field of the form.
    static let field: StaticString = "approve"
    /// The name of the question among the input requests of a modern result.
    static let key: StaticString = "approval"

    /// From this version on clients of the legacy era can be asked.
    public static func isKnown(inVersion version: [UInt8]) -> Bool { !version.lexicographicallyPrecedes("2025-06-18".utf8) }

    /// Whether capabilities of a client (an object) declare forms: `elicitation: {}` means them, too; one that names `url` alone does not.
    public static func takesForms(_ capabilities: JSONNode?, in tape: borrowing JSONTape) -> Bool {
        guard let capabilities, let elicitation = tape.member("elicitation", of: capabilities), tape.kind(of: elicitation) == .object else {
            return false
        }
        return tape.member("form", of: elicitation) != nil || tape.member("url", of: elicitation) == nil
    }

    /// What a person is asked about.
    public enum Subject: Sendable, Hashable {
        case call
        /// Something that the server asks the client for.
        case message
    }

    /// A request of the gate's own to a client of the legacy era, as one line.
    public static func appendRequest(_ message: String, id: RequestID, about subject: Subject = .call, to output: inout [UInt8]) {
        var line = JSONWriter()
        line.member("jsonrpc", "2.0" as StaticString)
        line.member("id") { id.append(to: &$0) }
        line.member("method", "elicitation/create" as StaticString)
        line.member("params", json: parameters(message, subject))
        output += line.finish()
        output.append(UInt8(ascii: "\n"))
    }

    /// Takes that request back, as one line.
    public static func appendCancellation(of id: RequestID, to output: inout [UInt8]) {
        var parameters = JSONWriter()
        parameters.member("requestId") { id.append(to: &$0) }
        var line = JSONWriter()
        line.member("jsonrpc", "2.0" as StaticString)
        line.member("method", "notifications/cancelled" as StaticString)
        line.member("params", json: parameters.finish())
        output += line.finish()
        output.append(UInt8(ascii: "\n"))
    }

    /// The answer of the modern era to a call that a person is asked about first, as one line.
    public static func appendRound(_ message: String, state: String, to id: RequestID, _ output: inout [UInt8]) {
        var request = JSONWriter()
        request.member("method", "elicitation/create" as StaticString)
        request.member("params", json: parameters(message, .call))
        var requests = JSONWriter()
        requests.member(key, json: request.finish())
        var result = JSONWriter()
        result.member("resultType", "input_required" as StaticString)
        result.member("inputRequests", json: requests.finish())
        result.member("requestState", state)
        var line = JSONWriter()
        line.member("jsonrpc", "2.0" as StaticString)
        line.member("id") { id.append(to: &$0) }
        line.member("result", json: result.finish())
        output += line.finish()
        output.append(UInt8(ascii: "\n"))
    }

    /// `mode` is left out: it is form where nothing is said, in every version that has it.
    private static func parameters(_ message: String, _ subject: Subject) -> [UInt8] {
        var field = JSONWriter()
        field.member("type", "boolean" as StaticString)
        switch subject {
        case .call:
            field.member("title", "Make this call" as StaticString)
            field.member("description", "Once, with these arguments" as StaticString)
        case .message:
            field.member("title", "Let the server ask this" as StaticString)
            field.member("description", "Once, with these parameters" as StaticString)
        }
        field.member("default", false)
        var properties = JSONWriter()
        properties.member(Self.field, json: field.finish())
        var schema = JSONWriter()
        schema.member("type", "object" as StaticString)
        schema.member("properties", json: properties.finish())
        schema.member("required", json: Array("[\"approve\"]".utf8))
        var parameters = JSONWriter()
        parameters.member("message", message)
        parameters.member("requestedSchema", json: schema.finish())
        return parameters.finish()
    }

    /// What the person said.
    public enum Reply: String, Sendable, Hashable {
        case accepted, declined, cancelled

        /// Reads an ElicitResult. Accepted is only what says so twice: the action, and the field of the form.
        public init(_ result: JSONNode, in tape: borrowing JSONTape) {
            guard let action = tape.member("action", of: result) else {
                self = .cancelled
                return
            }
            if tape.isString(action, "accept") {
                let content = tape.member("content", of: result)
                let field = content.flatMap { tape.kind(of: $0) == .object ? tape.member(Elicitation.field, of: $0) : nil }
                self = field.map { tape.kind(of: $0) == .true } == true ? .accepted : .declined
            } else {
                self = tape.isString(action, "decline") ? .declined : .cancelled
            }
        }

        /// The reply within the input responses of a call; nil when they do not hold exactly it.
        public init?(inputResponses responses: JSONNode, in tape: borrowing JSONTape) {
            guard tape.kind(of: responses) == .object, tape.count(of: responses) == 1,
                let result = tape.member(Elicitation.key, of: responses),
                tape.kind(of: result) == .object
            else { return nil }
            self.init(result, in: tape)
        }
    }
}
