import ControlProtocol
import Evidence
import Policy
import StrictJSON

/// The refusals ledger for code scanning, such as GitHub's. What is closed is suppressed, with who and why: that is shown, and permits nothing.
enum LedgerSARIF {
    static func json(_ entries: [LedgerEntry], directory: String) -> JSON {
        var rules: [SARIFRule] = [], indices: [ReasonCode: Int] = [:]
        var results: [JSON] = []
        var omitted = 0
        for entry in entries {
            for (position, reason) in entry.reasons.enumerated() {
                guard results.count < SARIFDocument.resultLimit else {
                    omitted += 1
                    continue
                }
                let mapped = SARIFReason(reason: reason, directory: directory)
                if indices[reason.code] == nil {
                    indices[reason.code] = rules.count
                    rules.append(mapped.rule)
                }
                results.append(result(mapped, position, entry, index: indices[reason.code] ?? 0))
            }
        }
        var invocation: JSONObject = ["executionSuccessful": true]
        if omitted > 0 {
            let text = "\(SARIFDocument.resultLimit) results are here, as many as readers take of a run, and \(omitted) are left out."
            invocation["toolExecutionNotifications"] = [["level": "warning", "message": ["text": .string(text)]]]
        }
        return SARIFDocument(rules: rules, results: results, invocation: invocation, series: "sandboxd/refusals").json
    }

    private static func result(_ mapped: SARIFReason, _ position: Int, _ entry: LedgerEntry, index: Int) -> JSON {
        let summary = entry.summary
        var result: JSONObject = [
            "ruleId": .string(mapped.reason.code.rawValue), "ruleIndex": JSON(index), "level": "error",
            "message": ["text": .string(mapped.message)], "locations": [mapped.place(withLength: true) ?? logicalPlace(summary)],
            "partialFingerprints": [
                "sandboxdRefusal/v1": .string(print([summary.id, String(position)] + mapped.cause)),
                "sandboxdCause/v1": .string(print([mapped.reason.code.rawValue] + mapped.cause)),
            ],
            "occurrenceCount": .number(JSONNumber(max(1, entry.finding?.times ?? 1))), "properties": properties(entry),
        ]
        if summary.state == .closed { result["suppressions"] = [.object(suppression(entry))] }
        return .object(result)
    }

    private static func suppression(_ entry: LedgerEntry) -> JSONObject {
        let closing = entry.details.events.last { $0.kind == .closed }
        var suppression: JSONObject = ["kind": "external", "status": "accepted"]
        if let closing { suppression["justification"] = .string(LedgerWords.event(closing)) }
        return suppression
    }

    private static func properties(_ entry: LedgerEntry) -> JSON {
        let summary = entry.summary
        return [
            "refusal": .string(summary.id), "policy": .string(summary.policy), "caller": JSON(Int(summary.caller)),
            "hostname": summary.hostname.map(JSON.string) ?? .null, "state": .string(summary.state.rawValue),
            "subject": .string("sha256:" + (entry.finding?.subject ?? "")),
            "host": .string("sha256:" + (entry.finding?.host ?? "")), "lastSeen": .string(LedgerWords.moment(summary.lastSeen)),
            "receipt": entry.finding?.lastReceipt?.json ?? .null,
        ]
    }

    /// No line is to blame: the policy as a whole is meant.
    private static func logicalPlace(_ summary: RefusalSummary) -> JSON {
        let name = Escaping.line(summary.policy)
        return ["logicalLocations": [["name": .string(name), "fullyQualifiedName": .string("\(summary.caller)/\(name)")]]]
    }

    private static func print(_ parts: [String]) -> String {
        var hash = SHA256()
        for part in parts { hash.update(Array(part.utf8) + [0]) }
        return String(hash.finish().hex.prefix(32))
    }
}
