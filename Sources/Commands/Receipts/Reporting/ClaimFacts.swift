import Evidence
import StrictJSON

/// What the claims of a report are made from, beside the counts of evidence.
struct ClaimFacts: Sendable {
    struct Clause: Sendable, Hashable {
        var observed: UInt64 = 0
        var absent: UInt64 = 0
    }

    /// Which denials by the kernel are recorded, by clause of the policy: in so many sessions.
    private(set) var clauses: [String: Clause] = [:]
    private(set) var untried: UInt64 = 0
    private(set) var answered: UInt64 = 0
    private(set) var lostDenials: UInt64 = 0
    private(set) var uncounted: UInt64 = 0
    private(set) var unreadableRings: UInt64 = 0
    private(set) var inferredCauses: UInt64 = 0
    private(set) var clientReplies: UInt64 = 0
    private(set) var identifiedApprovers: UInt64 = 0
    private(set) var taskEnds: UInt64 = 0
    private(set) var calls: UInt64 = 0
    private(set) var withoutCommitment: UInt64 = 0
    private(set) var begun: UInt64 = 0
    /// Forwarded calls whose outcome has not come.
    private var open = BoundedMemory<ReceiptRecord.Place, Bool>(capacity: 65_536)

    /// More clauses than policies have.
    private static let mostClauses = 128

    var unanswered: UInt64 { calls - answered }

    mutating func add(_ record: ReceiptRecord) {
        switch record.kind {
        case .launch: addLaunch(record)
        case .decision: addDecision(record)
        case .outcome: addOutcome(record)
        case .hold: if record.body["reply"] != nil { clientReplies += 1 }
        case .grant: if record.body["approver"]?["uid"] != nil { identifiedApprovers += 1 }
        case .kernelDenial: addDenial(record)
        case .exit: if record.body["cause"] != nil { inferredCauses += 1 }
        case .lifecycle: if record.says("event", "denials-uncounted") { uncounted += 1 }
        case .refusal, .drift, .connection, .preparation: break
        }
    }

    private mutating func addLaunch(_ record: ReceiptRecord) {
        guard record.says("outcome", "released") else { return }
        begun += 1
        untried += UInt64(record.body["selfTest"]?["untried"]?.array?.count ?? 0)
        let denials = record.body["kernelDenials"]
        for clause in Self.names(denials?["observed"]) where has(roomFor: clause) { clauses[clause, default: Clause()].observed += 1 }
        for clause in Self.names(denials?["absent"]) where has(roomFor: clause) { clauses[clause, default: Clause()].absent += 1 }
    }

    private func has(roomFor clause: String) -> Bool { clauses[clause] != nil || clauses.count < Self.mostClauses }

    private static func names(_ json: JSON?) -> [String] { (json?.array ?? []).compactMap(\.string) }

    private mutating func addDecision(_ record: ReceiptRecord) {
        guard record.body["tool"] != nil else { return }
        if record.body["arguments"] == nil { withoutCommitment += 1 }
        guard record.says("decision", "forward"), record.body["id"] != nil, let place = record.place else { return }
        calls += 1
        open.set(place, true)
    }

    private mutating func addOutcome(_ record: ReceiptRecord) {
        if record.body["taskStatus"] != nil { taskEnds += 1 }
        guard let place = record.earlier.first, open[place] != nil else { return }
        open.remove(place)
        answered += 1
    }

    private mutating func addDenial(_ record: ReceiptRecord) {
        let summary = KernelDenialSummary(record.body)
        switch summary.subject {
        case .untold: lostDenials += summary.count
        case .unobservable: unreadableRings += 1
        case .act, .others: break
        }
    }
}
