import Decision
import Evidence
import StrictJSON

/// What a receipt says, in one line of plain words; all foreign text in it is escaped.
struct ReceiptWords {
    /// Where the statement stands that this one goes on from, and what it was about.
    struct Origin: Sendable, Hashable {
        let number: UInt64
        let subject: String
    }

    let text: String
    /// nil for what is as it should be.
    let role: Style.Role?
    /// How much of the text the colour is for: the word that matters.
    let accent: Int

    private init(_ accent: String, _ rest: String = "", _ role: Style.Role? = nil) {
        text = accent + rest
        self.accent = accent.unicodeScalars.count
        self.role = role
    }

    init(_ record: ReceiptRecord, of origin: Origin? = nil) {
        self =
            switch record.kind {
            case .launch: Self.launch(record)
            case .refusal: Self.refusal(record)
            case .decision: Self.decision(record)
            case .outcome: Self("of \(Self.origin(origin, record, "decision")): ", Self.outcome(record))
            case .hold: Self.hold(record, origin)
            case .grant: Self("granted", " \(Self.subject(record))\(Self.by(record)): \(Self.rule(record))", .good)
            case .kernelDenial: Self.denial(record, origin)
            case .drift: Self.drift(record)
            case .exit: Self.exit(record)
            case .connection: Self.connection(record)
            case .preparation: Self.preparation(record)
            case .lifecycle: Self.lifecycle(record)
            }
    }

    /// Of the name proxy.
    private static func connection(_ record: ReceiptRecord) -> Self {
        let name = record.text("name").map { Escaping.line($0) } ?? "nobody"
        let target = name + (record.body["port"]?.int64.map { ":\($0)" } ?? "")
        switch record.text("state") {
        case "refused": return Self("refused", " to connect to \(target): \(Escaping.line(record.text("refusal") ?? "?"))", .error)
        case "closed":
            let amount = ["sent", "received"].map { "\(record.body[$0]?.int64 ?? 0) bytes \($0)" }.joined(separator: ", ")
            return Self("closed", ": \(amount)")
        case _: return Self("connected", " to \(target)\(record.text("address").map { " at " + Escaping.line($0) } ?? "")", .good)
        }
    }

    // MARK: Sessions

    private static func launch(_ record: ReceiptRecord) -> Self {
        if record.says("outcome", "failed") {
            let why = ["step", "error", "detail"].compactMap { name in record.text(name).flatMap { $0.isEmpty ? nil : Escaping.line($0) } }
            return Self("failed", " at " + why.joined(separator: ", "), .error)
        }
        let command = record.text("command").map { ": " + Escaping.line($0) } ?? ""
        let user = record.body["user"]?["uid"]?.int64.map { " as uid \($0)" } ?? ""
        return Self("started", " \(server(record))\(command)\(user)\(client(record))", .good)
    }

    private static func server(_ record: ReceiptRecord) -> String { record.text("server").map { Escaping.quoted($0) } ?? "a server" }

    /// The program that started `sandboxctl`, where it was seen; else whoever asked.
    private static func client(_ record: ReceiptRecord) -> String {
        guard let client = record.body["client"] else { return "" }
        let shown = client["parent"]?["pid"] == nil ? client : client["parent"] ?? client
        let name = shown["name"]?.string.map { Escaping.quoted($0) } ?? "a process"
        let facts = ["uid", "pid"].compactMap { fact in shown[fact]?.int64.map { "\(fact) \($0)" } }
        return ", for \(name)" + (facts.isEmpty ? "" : " (\(facts.joined(separator: ", ")))")
    }

    private static func refusal(_ record: ReceiptRecord) -> Self {
        let reasons = (record.body["reasons"]?.array ?? []).map { reason in
            let code = Escaping.line(reason["code"]?.string ?? "?")
            let title = CodePages.page(code).map { " \($0.title)" } ?? ""
            let place = reason["file"]?.string.map { " (\(Escaping.line($0))" + (reason["line"]?.int64.map { ":\($0)" } ?? "") + ")" } ?? ""
            return code + title + place
        }
        return Self("refused", " \(server(record)): \(reasons.joined(separator: "; "))\(client(record))", .error)
    }

    private static func exit(_ record: ReceiptRecord) -> Self {
        let parts = ["server", "gate"].compactMap { name in record.text(name).map { "\(name) \(Escaping.line($0))" } }
        let first = record.text("first").map { " (first: \(Escaping.line($0)))" } ?? ""
        let more = ["cause", "step"].compactMap { name in record.text(name).map { ", " + Escaping.line($0) } }.joined()
        return Self("ended", ": " + parts.joined(separator: ", ") + first + more)
    }

    private static func preparation(_ record: ReceiptRecord) -> Self {
        let what = ["registry", "package", "version"].compactMap { name in record.text(name).map { Escaping.line($0) } }.joined(
            separator: " ")
        let place = record.text("path").map { ", \(Escaping.line($0))" } ?? ""
        let digest = record.text("tree").map { ", tree \(Escaping.line($0))" } ?? ""
        let change = record.text("change").map { ", " + Escaping.line($0) } ?? ""
        let by = record.body["by"]?.int64.map { ", as uid \($0) reported" } ?? ""
        let word = Escaping.line(event(record))
        return Self(word, ": \(what)\(place)\(change)\(digest)\(by)", word == "changed" ? .error : nil)
    }

    private static func lifecycle(_ record: ReceiptRecord) -> Self {
        let isBad = ["violation", "denials-uncounted", "orphaned", "torn-end", "torn-spool", "audit-unread"].contains {
            record.says("event", $0)
        }
        let rest = record.body.members.filter { member in
            !["event", "gate"].contains { member.name.utf8.elementsEqual($0.utf8) }
        }.map(ReceiptText.pair)
        return Self(Escaping.line(event(record)), rest.isEmpty ? "" : ": " + rest.joined(separator: " "), isBad ? .error : nil)
    }

    /// What happened to the daemon, the log, or a gate; not escaped.
    static func event(_ record: ReceiptRecord) -> String {
        record.text("event") ?? record.text("gate").map { "gate \($0)" } ?? "?"
    }

    // MARK: Decisions

    private static func decision(_ record: ReceiptRecord) -> Self {
        let word = record.text("decision").map { Escaping.line($0) } ?? "?"
        let count = record.count("count").map { ", \($0) times" } ?? ""
        switch word {
        case "forward": return Self(word, " \(subject(record)): \(rule(record))\(count)", .good)
        case "hold": return Self(word, " \(subject(record)): \(rule(record)) asks a person\(count)", .warning)
        case _: return Self(word, " \(subject(record)): \(reason(record))\(count)", .error)
        }
    }

    private static func hold(_ record: ReceiptRecord, _ origin: Origin?) -> Self {
        guard let outcome = record.text("outcome").map({ Escaping.line($0) }) else {
            let within = record.count("within").map { ", within \(Duration.words(microseconds: $0 &* 1_000_000))" } ?? ""
            return Self("held", " \(subject(record)): \(rule(record)) asks a person\(within)", .warning)
        }
        let what = record.body["hold"] == nil ? subject(record) : Self.origin(origin, record, "hold")
        return Self(outcome, " \(what)\(by(record))", outcome == "granted" ? .good : .warning)
    }

    /// What a decision was about: a tool, or a message and whose.
    static func subject(_ record: ReceiptRecord) -> String {
        if let tool = record.text("tool") { return Escaping.quoted(tool) }
        let name = record.text("method") ?? record.text("unknownMethod")
        let what = name.map { Escaping.line($0) } ?? "a message"
        let prompt = record.text("prompt").map { " \(Escaping.quoted($0))" } ?? ""
        return what + prompt + (record.says("side", "server") ? " of the server" : "")
    }

    private static func rule(_ record: ReceiptRecord) -> String {
        let name = record.text("rule") ?? "default"
        return (name == "default" ? "the default" : "rule \(Escaping.quoted(name))") + layer(record)
    }

    private static func layer(_ record: ReceiptRecord) -> String { record.text("layer").map { " of layer \(Escaping.quoted($0))" } ?? "" }

    /// A code, what it means, and the rule where one said it.
    private static func reason(_ record: ReceiptRecord) -> String {
        let code = record.text("reason") ?? "?"
        let title = CodePages.page(code).map { " \($0.title)" } ?? ""
        return Escaping.line(code) + title + (record.body["rule"] == nil ? layer(record) : ", \(rule(record))")
    }

    private static func by(_ record: ReceiptRecord) -> String {
        if let by = record.text("by") { return " by \(Escaping.quoted(by))" }
        guard let uid = record.body["approver"]?["uid"]?.int64 else { return "" }
        return " by uid \(uid)"
    }

    // MARK: What came of them

    private static func origin(_ origin: Origin?, _ record: ReceiptRecord, _ name: String) -> String {
        if let origin { return "\(origin.number) \(origin.subject)" }
        return "its gate's statement \(record.count(name).map(String.init) ?? "?")"
    }

    /// What came back, and how long it took.
    static func outcome(_ record: ReceiptRecord) -> String {
        let status = record.text("status").map { Escaping.line($0) } ?? "?"
        let kind = record.body["isError"] == true ? "tool error" : status
        let time = record.count("microseconds").map { " in \(Duration.words(microseconds: $0))" } ?? ""
        let cancelled = record.body["cancelled"] == true ? ", cancelled" : ""
        let denials = record.body["denials"]?["receipts"]?.array.map { $0.count } ?? 0
        return kind + time + cancelled + (denials == 0 ? "" : ", with kernel denials (\(denials))")
    }

    private static func denial(_ record: ReceiptRecord, _ origin: Origin?) -> Self {
        let summary = KernelDenialSummary(record.body)
        let cause = summary.inference.map { _ in origin.map { ", of \($0.number) (inferred)" } ?? ", of one call (inferred)" } ?? ""
        return Self("denied", " \(Escaping.line(summary.words))\(cause)", .error)
    }

    private static func drift(_ record: ReceiptRecord) -> Self {
        let name = record.text("name").flatMap { $0.isEmpty ? nil : " " + Escaping.quoted($0) } ?? ""
        return Self("changed", " \(Escaping.line(record.text("kind") ?? "definition"))\(name): \(reason(record))", .error)
    }

    // MARK: Text

    func styled(_ style: Style) -> String {
        guard let role else { return text }
        let scalars = text.unicodeScalars
        let end = scalars.index(scalars.startIndex, offsetBy: min(accent, scalars.count))
        return style(role, String(scalars[..<end])) + String(scalars[end...])
    }
}
