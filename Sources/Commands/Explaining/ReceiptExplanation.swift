import Evidence
import Policy
import StrictJSON

/// Why something was denied, and the smallest rule that would allow it. Never a wider one, and never `any`.
struct ReceiptExplanation {
    private let receipt: JSONObject
    private let body: JSONObject

    init(_ receipt: JSONObject) {
        self.receipt = receipt
        body = receipt[ReceiptFields.body]?.object ?? JSONObject()
    }

    /// What happened, and what could be done; an empty line between paragraphs.
    func text(_ style: Style) -> String {
        let paragraphs = [style(.strong, headline)] + paragraphs
        return paragraphs.joined(separator: "\n\n") + "\n"
    }

    /// What happened, in one sentence without a full stop.
    var summary: String { paragraphs.first ?? "" }

    private var headline: String {
        let number = receipt[ReceiptFields.number]?.int64.map { " \($0)" } ?? ""
        let session = word(receipt[ReceiptFields.session]).map { " of session \($0)" } ?? ""
        let time = word(receipt[ReceiptFields.time]).map { ", \($0)" } ?? ""
        return "receipt\(number): \(word(receipt[ReceiptFields.kind]) ?? "?")\(session)\(time)"
    }

    private func word(_ json: JSON?) -> String? { json?.string.map { Escaping.line($0) } }

    private var paragraphs: [String] {
        switch receipt[ReceiptFields.kind]?.string.flatMap(ReceiptKind.init(rawValue:)) {
        case .decision: decision
        case .kernelDenial: KernelDenialWords(body).paragraphs
        case .refusal: refusal
        case .hold: hold
        case .grant: ["a person permitted \(held), once: \(rule) asked for one"]
        case .launch: launch
        case .lifecycle: lifecycle
        case .connection: connection
        case .outcome, .drift, .exit, .preparation, nil: ["nothing was denied here"]
        }
    }

    private var connection: [String] {
        guard body["state"] == "refused", let why = word(body["refusal"]) else { return ["nothing was denied here"] }
        let target = word(body["name"]).map { "to \(Escaping.quoted($0)) " } ?? ""
        return ["the name proxy refused a connection \(target)by the policy's `egress.names`: \(why)"]
    }

    private var hold: [String] {
        guard let outcome = word(body["outcome"]) else { return ["\(held) waits for a person: \(rule) asks for one"] }
        let who = word(body["by"]).map { " by \($0)" } ?? ""
        return ["what waited for a person waits no longer: \(outcome)\(who)"]
    }

    /// What a person is asked about.
    private var held: String {
        body["method"]?.string.map { "\(Escaping.quoted($0)), which the server asked for" } ?? "a call of \(tool)"
    }

    private var launch: [String] {
        guard body["outcome"] == "failed", let step = word(body["step"]) else { return ["nothing was denied here"] }
        let what = [word(body["detail"]), body["error"]?.string.flatMap { $0.isEmpty ? nil : ErrnoWords.text($0) }].compactMap(\.self)
        return [
            "the session did not start: the step `\(step)` failed" + what.map { ", \($0)" }.joined(),
            "no rule is to blame: see the log of sandboxd",
        ]
    }

    private var lifecycle: [String] {
        if body["event"] == "denials-uncounted" { return uncounted }
        guard body["event"] == "violation", body["fault"] == "untold-denials" else { return ["nothing was denied here"] }
        let number = { (name: String) in body[name]?.int64.map(String.init) ?? "?" }
        return [
            "the kernel counted \(number("counted")) denials; the gate told \(number("told")), \(number("lost")) found no room, "
                + "\(number("waiting")) were still to be read: \(number("hidden")) were kept from the log, \(number("invented")) never happened",
            "a gate that does this is not ours any more: do not rely on what it stated of this session",
        ]
    }

    private var uncounted: [String] {
        let who = body["mechanism"] == "landlock" ? "Landlock" : "the kernel"
        return [
            "what \(who) stopped in this session is not told, or not all of it: \(word(body["error"]) ?? "?")",
            "that no receipt tells of a denial says nothing from here on",
        ]
    }

    // MARK: Decisions

    private var tool: String { body["tool"]?.string.map { Escaping.quoted($0) } ?? "a tool" }

    private var rule: String {
        let name = body["rule"]?.string ?? "default"
        let what = name.utf8.elementsEqual("default".utf8) ? "the default" : "rule \(Escaping.quoted(name))"
        return what + (layer.map { " of layer \($0)" } ?? " of the policy")
    }

    private var layer: String? { body["layer"]?.string.map { Escaping.quoted($0) } }

    private var subject: String {
        if body["tool"] != nil { return "the call of \(tool)" }
        return (body["method"] ?? body["unknownMethod"])?.string.map { "the message \(Escaping.quoted($0))" } ?? "the message"
    }

    private var decision: [String] {
        switch body["decision"]?.string {
        case "forward": ["\(subject) was forwarded: \(rule) allows it", "nothing was denied here"]
        case "hold": ["\(subject) was held: \(rule) asks a person first"]
        case _: blocked(body["reason"]?.string ?? "")
        }
    }

    private func blocked(_ code: String) -> [String] {
        let page = "`sandboxctl explain \(Escaping.line(code))` says what \(Escaping.line(code)) means"
        return switch code {
        case "D101": ["\(subject) was blocked (D101): no rule\(layer.map { " of layer \($0)" } ?? "") allows it"] + allowing
        case "D102": ["\(subject) was blocked (D102): \(rule) denies it"] + narrowing
        case "D103":
            ["\(subject) was blocked (D103): \(rule) asks a person first, and nobody could be asked"] + insteadOfAsking
        case "D106", "D107":
            [
                "\(subject) was blocked (\(code)): what \(rule) lets through was spent",
                "raise its limit or budget, or wait for the next period",
            ]
        case "D104":
            [
                "\(subject) was blocked (D104): a number in it is not read alike by all programs",
                "no rule allows it: send the number as a string",
            ]
        case "D110": ["\(subject) was blocked (D110): \(whose) permits no message of this kind"] + messages
        case "D111": ["\(subject) was blocked (D111): \(whose) permits others of this kind, not this one"] + messages
        case "D201": ["\(subject) was blocked (D201): such messages are denied", "no clause permits it"]
        case "D301": ["\(subject) was blocked (D301): the decision could not be recorded", "no rule allows it: see to the log of sandboxd"]
        case _: ["\(subject) was blocked (\(Escaping.line(code)))", "no rule allows it; \(page)"]
        }
    }

    private var allowing: [String] {
        if let layer { return ["only layer \(layer) can allow it, and layers are the administrator's: a policy cannot widen them"] }
        guard let name = body["tool"]?.string else { return [] }
        return [
            "the smallest rule that would allow it:",
            Self.indented(["tools:", "  rules:", "    - {tools: [\(Self.yaml(name))], effect: allow}"]),
            """
            it is by tool: the receipt holds a commitment to the arguments, not the arguments themselves. Where rules of that tool are
            there, their conditions did not hold; narrow this one with `arguments` or `when`, and try calls with
            """,
            Self.indented(["sandboxctl decide POLICY \(Escaping.line(name)) '{…}'"]),
        ]
    }

    private var narrowing: [String] {
        if layer != nil { return ["only that layer can allow it, and layers are the administrator's: a policy cannot widen them"] }
        return [
            "deny beats allow, so that no further rule allows it: narrow \(rule), by its `tools`, `arguments` or `when`",
            "the receipt holds a commitment to the arguments, not the arguments themselves: try calls with",
            Self.indented(["sandboxctl decide POLICY \(body["tool"]?.string.map { Escaping.line($0) } ?? "TOOL") '{…}'"]),
        ]
    }

    private var insteadOfAsking: [String] {
        ["to allow it without a person give \(rule) a `when` that such calls do not meet, and let a rule allow them"]
    }

    private var whose: String { layer.map { "layer \($0)" } ?? "the policy" }

    /// The clause that speaks of a method.
    private var messages: [String] {
        if let layer { return ["only layer \(layer) can permit it, and layers are the administrator's: a policy cannot widen them"] }
        let line: String? =
            switch body["method"]?.string {
            case "resources/read", "resources/subscribe", "resources/unsubscribe", "resources/list", "resources/templates/list":
                "messages: {resources: [\"URI\"]}"
            case "prompts/get": "messages: {prompts: [\(body["prompt"]?.string.map(Self.yaml) ?? "NAME")]}"
            case "prompts/list": "messages: {prompts: [NAME]}"
            case "sampling/createMessage": "messages: {sampling: allow}"
            case "elicitation/create": "messages: {elicitation: allow}"
            case "roots/list": "messages: {roots: allow}"
            case _: nil
            }
        return line.map { ["the clause that would permit it:", Self.indented([$0])] } ?? ["no clause permits it"]
    }

    // MARK: Refusals

    private var refusal: [String] {
        let reasons = body["reasons"]?.array ?? []
        let texts = reasons.compactMap { Self.reason($0).map { RefusalText(source: { _ in nil }, style: .plain).text($0) } }
        return ["the policy was refused, and nothing started"] + texts.map { String($0.dropLast()) }
    }

    static func reason(_ json: JSON) -> Reason? {
        guard let code = json["code"]?.string.flatMap(ReasonCode.init(rawValue:)) else { return nil }
        let facts = (json["facts"]?.object?.members ?? []).compactMap { member in member.value.string.map { (member.name, $0) } }
        let place = json["file"]?.string.flatMap { file -> SourceLocation? in
            guard let line = json["line"]?.int64, let column = json["column"]?.int64 else { return nil }
            return SourceLocation(file: file, line: Int(clamping: line), column: Int(clamping: column))
        }
        return Reason(code, at: place, Dictionary(facts) { first, _ in first })
    }

    // MARK: Text

    static func indented(_ lines: [String]) -> String { lines.map { "  " + $0 }.joined(separator: "\n") }

    /// In double quotes, so that YAML takes it for nothing else.
    static func yaml(_ text: String) -> String {
        let escaped = text.utf8.flatMap { [UInt8(ascii: "\\"), UInt8(ascii: "\"")].contains($0) ? [UInt8(ascii: "\\"), $0] : [$0] }
        return Escaping.line("\"" + String(decoding: escaped, as: UTF8.self) + "\"")
    }
}
