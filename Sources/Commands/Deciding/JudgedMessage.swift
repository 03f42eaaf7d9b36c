import Decision
import MCP
import Policy
import StrictJSON

/// What the gate would do with one message, and which clause says so.
struct JudgedMessage: Sendable, Hashable {
    let message: AskedMessage
    /// `forward`, `hold` or `block`.
    private(set) var word = "block"
    /// What decided, as it is written in a policy; nil where the protocol alone does.
    private(set) var clause: String?
    /// The layer whose clause it is; nil for the policy's.
    private(set) var layer: String?
    /// Why it is blocked.
    private(set) var reason: String?
    /// One sentence.
    private(set) var text = ""
    /// What the other side gets in place of the params, where that is something else.
    private(set) var rewritten: JSON?

    /// It never came as far as the gate.
    init(_ message: AskedMessage, unreadable problem: String) {
        self.message = message
        (reason, text) = (BlockCode.notJSON.rawValue, problem)
    }

    /// By a record of the gate's, or none, and what it wrote to either side.
    init(_ message: AskedMessage, record: JSON?, forwarded: JSON?, answered: JSON?) {
        self.message = message
        word = record?["decision"]?.string ?? (forwarded == nil ? "block" : "forward")
        layer = record?["layer"]?.string
        reason = record?["reason"]?.string
        clause = record?["rule"]?.string.map { message.isCall ? Escaping.quoted($0) : $0 } ?? decidedKind
        if isForwarded, let params = forwarded?["params"], let sent = message.sent["params"], params != sent { rewritten = params }
        text = words(answered?["error"]?["message"]?.string)
    }

    var isForwarded: Bool { word == "forward" }

    private var decidedKind: String? {
        guard reason == nil || reason == BlockCode.kindDenied.rawValue || reason == BlockCode.nameDenied.rawValue else { return nil }
        return message.kind.map { "messages.\($0.rawValue)" }
    }

    private func words(_ answer: String?) -> String {
        switch word {
        case "forward": clause.map { "\($0)\(document) allows it" } ?? "it belongs to the protocol, and no clause forbids it"
        case "hold": "\(clause ?? "a rule")\(document) asks a person first"
        default: reason.map { Self.cause(answer, $0) } ?? "it is answered by the gate alone"
        }
    }

    private var document: String { layer.map { " of layer \(Escaping.quoted($0))" } ?? "" }

    /// What the gate answers, without its own introduction; else what the reason's page is called.
    private static func cause(_ answer: String?, _ code: String) -> String {
        let introduction = "blocked by sandboxd (\(code)): "
        if let answer, answer.hasPrefix(introduction) { return Escaping.line(String(answer.dropFirst(introduction.count))) }
        return CodePages.page(code)?.title ?? code
    }
}

extension JudgedMessage {
    /// For programs, one line.
    var json: JSON {
        var object = JSONObject([
            ("message", .string(message.method)), ("from", .string(message.from.rawValue)), ("decision", .string(word)),
        ])
        if let clause { object["clause"] = .string(clause) }
        if let layer { object["layer"] = .string(layer) }
        if let reason { object["reason"] = .string(reason) }
        object["text"] = .string(text)
        if let rewritten { object["rewritten"] = rewritten }
        return .object(object)
    }

    /// For people.
    func description(_ style: Style) -> String {
        var lines = ["\(style(isForwarded ? .good : .error, word)): \(text)" + (reason.map { " (\($0))" } ?? "")]
        lines.append("  asked by the \(message.from.rawValue)")
        if !isForwarded, reason != nil, let clause { lines.append("  decided by \(clause)\(document)") }
        if let rewritten { lines.append("  the \(message.receiver.rawValue) gets \(Escaping.line(rewritten.encoded()))") }
        return lines.map { $0 + "\n" }.joined()
    }
}

extension AskedMessage {
    /// As the gate reads it.
    fileprivate var sent: JSON { (try? JSON(parsing: line)) ?? .null }

    var receiver: Side { from == .client ? .server : .client }

    fileprivate var isCall: Bool { Method(rawValue: method) == .callTool && from == .client }

    /// The key of `messages` that is asked about it; nil where none is.
    fileprivate var kind: MessageKind? {
        switch Method(rawValue: method) {
        case .listResources?, .listResourceTemplates?, .readResource?, .subscribeResource?, .unsubscribeResource?, .resourcesChanged?,
            .resourceUpdated?:
            .resources
        case .listPrompts?, .getPrompt?, .promptsChanged?: .prompts
        case .complete?: params?["ref"]?["type"]?.string == "ref/prompt" ? .prompts : .resources
        case .createMessage?: .sampling
        case .elicit?, .elicitationComplete?: .elicitation
        case .listRoots?, .rootsChanged?: .roots
        case .callTool?, .listTools?, .initialize?, .discover?, .ping?, .setLogLevel?, .listen?, .getTask?, .taskResult?, .listTasks?,
            .cancelTask?, .updateTask?, .initialized?, .cancelled?, .progress?, .logMessage?, .toolsChanged?, .taskStatus?, .tasks?,
            .listening?, nil:
            nil
        }
    }
}
