import Evidence
import StrictJSON

/// How many receipts there are of each kind of evidence.
struct EvidenceCounts: Sendable, Hashable {
    private var counts: [EvidenceItem: UInt64] = [:]

    subscript(_ item: EvidenceItem) -> UInt64 { counts[item] ?? 0 }

    mutating func add(_ item: EvidenceItem, _ count: UInt64 = 1) {
        let (sum, overflow) = self[item].addingReportingOverflow(count)
        counts[item] = overflow ? .max : sum
    }

    mutating func add(_ record: ReceiptRecord) {
        add(.receipts)
        switch record.kind {
        case .launch: addLaunch(record)
        case .refusal: add(.refusals)
        case .decision: addDecision(record)
        case .hold: addHold(record)
        case .grant, .connection, .preparation: break
        case .outcome: add(.outcomes)
        case .kernelDenial: addDenial(record)
        case .drift: add(.drifts)
        case .exit:
            add(.exits)
            if record.body["limitsReached"] != nil { add(.limitsReached) }
        case .lifecycle: if record.says("event", "violation") { add(.violations) }
        }
    }

    private mutating func addLaunch(_ record: ReceiptRecord) {
        guard record.says("outcome", "released") else { return }
        add(.launches)
        for file in ["executable", "script"] where record.body[file]?["sha256"] != nil { add(.programs) }
        if record.body["client"]?["uid"] != nil { add(.clients) }
        add(.selfTests, ReceiptRecord.count(record.body["selfTest"]?["asPlanned"]) ?? 0)
    }

    private mutating func addDecision(_ record: ReceiptRecord) {
        let count = record.count("count") ?? 1
        add(.decisions, count)
        if record.body["arguments"] != nil { add(.commitments) }
        add(.redactions, record.count("masked") ?? 0)
        if record.says("decision", "forward") {
            add(.forwarded, count)
        } else if record.says("decision", "block") {
            add(.blocked, count)
            if let item = Self.item(ofReason: record.text("reason") ?? "") { add(item, count) }
        }
    }

    private mutating func addHold(_ record: ReceiptRecord) {
        if record.says("decision", "hold") {
            add(.held)
            if record.body["arguments"] != nil { add(.commitments) }
        } else if record.says("outcome", "granted") {
            add(.granted)
        } else if record.says("outcome", "denied"), record.body["hold"] != nil {
            add(.deniedByPerson)
        }
    }

    private mutating func addDenial(_ record: ReceiptRecord) {
        let summary = KernelDenialSummary(record.body)
        guard summary.subject != .unobservable else { return }
        add(.kernelDenials, summary.count)
        if summary.inference != nil { add(.ascribedDenials, summary.count) }
        if record.body["port"] != nil || record.body["family"] != nil {
            add(.networkDenials, summary.count)
        } else if record.says("act", "execution") || Self.blockers(record).contains("fs.execute") {
            add(.executionDenials, summary.count)
        } else if Self.blockers(record).contains(where: { $0.hasPrefix("fs.") }) {
            add(.fileDenials, summary.count)
        }
    }

    private static func blockers(_ record: ReceiptRecord) -> [String] { (record.body["blockers"]?.array ?? []).compactMap(\.string) }

    /// By the hundreds and tens of the codes.
    private static func item(ofReason code: String) -> EvidenceItem? {
        switch code {
        case "D101", "D105": .toolBlocks
        case "D102": .ruleBlocks
        case "D106", "D107", "D108": .spentBlocks
        case "D110", "D111", "D201", "D202": .messageBlocks
        case "D131", "D132", "D133": .definitionBlocks
        case "D104", "D109", "D203", "D204", "D205", "D206", "D207", "D208", "D209", "D210", "D211", "D212", "D213", "D214", "D215":
            .malformedBlocks
        case _: nil
        }
    }
}
