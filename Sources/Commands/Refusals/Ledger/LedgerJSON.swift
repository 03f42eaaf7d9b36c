import ControlProtocol
import Policy
import StrictJSON

/// An entry of the refusals ledger, for machines: foreign text stands in it as it came.
enum LedgerJSON {
    static func json(_ entry: LedgerEntry) -> JSON {
        guard var object = entry.summary.json.object else { return entry.summary.json }
        object["findings"] = .array(entry.details.findings.map(finding))
        object["events"] = .array(entry.details.events.map(\.json))
        object["documents"] = .array(
            entry.details.documents.map { document in
                let text = document.bytes.map { JSON.string(String(decoding: $0, as: UTF8.self)) } ?? .null
                return ["name": .string(document.name), "size": .number(JSONNumber(document.size)), "text": text]
            })
        object["host"] = entry.details.host ?? .null
        return .object(object)
    }

    /// Reasons with their sentences, the way out among them.
    private static func finding(_ finding: RefusalDetails.Finding) -> JSON {
        guard var object = finding.json.object else { return finding.json }
        object["reasons"] = .array(finding.reasons.map(reason))
        return .object(object)
    }

    private static func reason(_ reason: Reason) -> JSON {
        guard var object = reason.json.object else { return reason.json }
        let words = ReasonWords(reason)
        object["message"] = .string(words.message)
        object["why"] = words.why.map(JSON.string) ?? .null
        object["help"] = words.help.map(JSON.string) ?? .null
        return .object(object)
    }
}
