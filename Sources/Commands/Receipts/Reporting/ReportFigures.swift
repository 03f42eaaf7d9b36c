import Evidence
import StrictJSON

/// All that a report counts: one pass over the receipts, in bounded memory.
struct ReportFigures: Sendable {
    private(set) var evidence = EvidenceCounts()
    private(set) var kinds: [ReceiptKind: UInt64] = [:]
    private(set) var timeline = DecisionTimeline()
    private(set) var servers = ServerTally()
    private(set) var denials = BoundedTally()
    private(set) var refusals = BoundedTally()
    private(set) var kernelDenials = BoundedTally()
    private(set) var connections = BoundedTally()
    private(set) var outcomes = BoundedTally(capacity: 64)
    private(set) var drifts = BoundedTally()
    private(set) var events = BoundedTally(capacity: 256)
    private(set) var policies = BoundedTally()
    private(set) var endings = BoundedTally(capacity: 1_024)
    private(set) var facts = ClaimFacts()
    private(set) var first: String?
    private(set) var last: String?
    private(set) var longest: UInt64 = 0

    /// `server`: of the receipt's session, where it is known. `isSigned`: a checkpoint covers it.
    mutating func add(_ record: ReceiptRecord, server: String?, isSigned: Bool) {
        evidence.add(record)
        if isSigned { evidence.add(.signed) }
        kinds[record.kind, default: 0] += 1
        if first.map({ record.time.utf8.lexicographicallyPrecedes($0.utf8) }) ?? true { first = record.time }
        if last.map({ $0.utf8.lexicographicallyPrecedes(record.time.utf8) }) ?? true { last = record.time }
        facts.add(record)
        let name = server ?? record.text("server") ?? Self.unknown
        switch record.kind {
        case .launch: addLaunch(record, name)
        case .refusal: addRefusal(record, name)
        case .decision, .hold: addDecision(record, name)
        case .outcome: addOutcome(record)
        case .kernelDenial: addDenial(record, name)
        case .drift: drifts.add([name, record.text("kind") ?? "?", record.text("name") ?? "", record.text("reason") ?? "?"])
        case .exit: endings.add([record.text("first") ?? "?", record.text("server") ?? "?"])
        case .preparation:
            events.add([
                "package \(ReceiptWords.event(record))",
                [record.text("package"), record.text("version")].compactMap(\.self).joined(separator: " "),
            ])
        case .lifecycle: events.add([ReceiptWords.event(record), record.text("fault") ?? record.text("error") ?? ""])
        case .connection: addConnection(record, name)
        case .grant: break
        }
    }

    static let unknown = "(not known)"

    private mutating func addLaunch(_ record: ReceiptRecord, _ server: String) {
        guard record.says("outcome", "released") else {
            events.add(["launch-failed", record.text("step") ?? "?"])
            return
        }
        servers.update(server) { $0.sessions += 1 }
        policies.add([server, record.policy ?? "", record.plan ?? "", record.host ?? ""])
    }

    private mutating func addRefusal(_ record: ReceiptRecord, _ server: String) {
        servers.update(server) { $0.refusals += 1 }
        for reason in record.body["reasons"]?.array ?? [] { refusals.add([reason["code"]?.string ?? "?"]) }
    }

    private mutating func addDecision(_ record: ReceiptRecord, _ server: String) {
        guard let decision = record.text("decision") else { return }
        let count = record.count("count") ?? 1
        timeline.add(decision, at: record.time)
        servers.update(server) { counts in
            switch decision {
            case "forward": counts.forwarded &+= count
            case "hold": counts.held &+= count
            case "block": counts.blocked &+= count
            case _: break
            }
        }
        guard decision == "block" else { return }
        let by = record.text("rule").map { "rule " + $0 } ?? ""
        let layer = record.text("layer").map { "layer " + $0 } ?? ""
        let who = [by, layer].filter { !$0.isEmpty }.joined(separator: ", ")
        denials.add([server, Self.subject(record), record.text("reason") ?? "?", who], count)
    }

    /// The tool, or the message and whose it is.
    private static func subject(_ record: ReceiptRecord) -> String {
        if let tool = record.text("tool") { return tool }
        let name = record.text("method") ?? record.text("unknownMethod") ?? "(no message)"
        return record.says("side", "server") ? name + " of the server" : name
    }

    private mutating func addOutcome(_ record: ReceiptRecord) {
        let status = record.text("status") ?? "?"
        outcomes.add([record.body["isError"] == true ? "result that is an error" : status])
        longest = max(longest, record.count("microseconds") ?? 0)
    }

    /// Each once: that it was closed says nothing more.
    private mutating func addConnection(_ record: ReceiptRecord, _ server: String) {
        guard !record.says("state", "closed") else { return }
        let target = record.text("name").map { $0 + (record.count("port").map { ":\($0)" } ?? "") } ?? "(not read)"
        connections.add([target, record.text("refusal") ?? "", server])
    }

    private mutating func addDenial(_ record: ReceiptRecord, _ server: String) {
        let summary = KernelDenialSummary(record.body)
        guard summary.subject != .unobservable else { return }
        servers.update(server) { $0.kernelDenials &+= summary.count }
        let (act, target) =
            switch summary.subject {
            case .act(let act, let target): (act, target)
            case .others: ("several kinds", "(not told one by one)")
            case .untold, .unobservable: ("unknown", "(no record came)")
            }
        kernelDenials.add([target, act, server, summary.mechanism ?? ""], summary.count)
    }
}
